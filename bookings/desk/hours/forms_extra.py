"""Extra hours as typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms

from bookings.desk.hours.forms import HoursForm
from bookings.desk.hours.standing import places_of
from bookings.desk.times import moment
from bookings.timetable.edits import AddExtraHours
from clinic.core import clock
from clinic.core.date_fields import DayField, TimeField
from clinic.practitioners.models import Practitioner

GAP = "The clocks go forward then: this time does not exist on that day"


class ExtraForm(HoursForm):
    """Extra hours on one day."""

    day = DayField(label="Day")
    starts = TimeField(label="From")
    ends = TimeField(label="To")
    place = forms.ChoiceField(label="Where")

    def __init__(self, data: Mapping[str, Any] | None = None, *, practitioner: Practitioner, **kwargs: Any) -> None:
        super().__init__(data, practitioner=practitioner, **kwargs)
        self.places = places_of(practitioner)
        self.fields["place"].choices = [(place.slug, place.name) for place in self.places]  # type: ignore[attr-defined]
        if len(self.places) == 1:
            del self.fields["place"]

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        if self.errors or not self.practitioner:
            return answers
        starts_at, ends_at = moment(answers["day"], answers["starts"]), moment(answers["day"], answers["ends"])
        if answers["ends"] == time(0):
            ends_at = clock.day_bounds(answers["day"])[1]
        for name, at in (("starts", starts_at), ("ends", ends_at)):
            if at is None:
                self.add_error(name, GAP)
        if starts_at is None or ends_at is None:
            return answers
        if ends_at <= starts_at:
            self.add_error("ends", "The end must be after the start")
        elif ends_at <= self.now:
            self.add_error("ends", "This time has passed")
        else:
            by_slug = {place.slug: place.pk for place in self.places}
            where = by_slug.get(answers.get("place", ""), self.places[0].pk)
            edit = AddExtraHours(
                practitioner_id=self.practitioner.pk, location_id=where, starts_at=starts_at, ends_at=ends_at
            )
            answers["change"] = self.change(edit, starts_at, ends_at, "extra hours")
        return answers
