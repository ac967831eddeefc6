"""What of the hours is to go: extra hours, time off, a break from a day on. The page shows which; the form carries it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms

from bookings.desk.hours.forms import HoursForm
from bookings.desk.hours.reading import EXTRA, OFF
from bookings.desk.plan.rows import time_span
from bookings.timetable.edits import EndBreak, Remove
from bookings.timetable.models import ExtraHours, RegularTimeOff, TimeOff
from bookings.timetable.weeks import Weeks
from clinic.core.date_fields import DayField
from clinic.core.formats import desk_hours
from clinic.practitioners.models import Practitioner

GONE = "This is not there any more: it was changed meanwhile, perhaps in another window."
STEP = 5  # minutes, a row of the diary
MODELS: dict[str, type[ExtraHours] | type[TimeOff]] = {EXTRA: ExtraHours, OFF: TimeOff}
MOST_DIGITS = 9  # of a key


def keys_of(written: str) -> tuple[int, ...]:
    parts = written.split(",")[:50]
    return tuple(int(part) for part in parts if part.isdecimal() and len(part) <= MOST_DIGITS)


def breaks_of(practitioner: Practitioner | None, keys: tuple[int, ...]) -> list[RegularTimeOff]:
    """All of these rows, by day of the week; none if one is gone, or another's."""
    found = list(RegularTimeOff.objects.filter(pk__in=keys, practitioner=practitioner).order_by("weekday", "pk"))
    return found if len(found) == len(set(keys)) else []


class RemoveForm(HoursForm):
    """Take away extra hours or time off, but for what of them has passed."""

    what = forms.ChoiceField(choices=[(kind, kind) for kind in MODELS], widget=forms.HiddenInput)
    row = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        model = MODELS.get(answers.get("what", ""))
        pk = next(iter(keys_of(answers.get("row", ""))), 0)
        row = model.objects.filter(pk=pk, practitioner=self.practitioner).first() if model else None
        if model is None or row is None or row.during.upper <= self.now:
            raise forms.ValidationError(GONE)
        now = self._whole_step()
        word = "extra hours" if model is ExtraHours else "time off"
        self.said = f"{word.capitalize()}, {time_span(row.during.lower, row.during.upper)}"
        starts_at = max(row.during.lower, now)
        answers["change"] = self.change(Remove(model=model, row=pk, now=now), starts_at, row.during.upper, f"no {word}")
        return answers

    def _whole_step(self) -> datetime:
        now = self.now
        return now - timedelta(minutes=now.minute % STEP, seconds=now.second, microseconds=now.microsecond)


class EndBreakForm(HoursForm):
    """No more of a break from a day on."""

    rows = forms.CharField(widget=forms.HiddenInput)
    day = DayField(label="From", help_text="The first day without it")

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        keys = keys_of(answers.get("rows", ""))
        if not (found := breaks_of(self.practitioner, keys)):
            raise forms.ValidationError(GONE)
        one = found[0]
        self.said = f"{one.reason or 'Break'}, {desk_hours(one.starts_at, one.ends_at)}"
        if not self.errors:
            edit = EndBreak(rows=keys, first_day=answers["day"])
            answers["change"] = self.change_of_weeks(edit, Weeks(answers["day"]), f"no {one.reason or 'break'}")
        return answers
