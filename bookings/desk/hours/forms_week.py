"""A week of hours as typed: the usual one from a day on, or one week alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from math import lcm
from typing import Any

from django import forms

from bookings.desk.hours import fields
from bookings.desk.hours.forms import EVERY, HoursForm
from bookings.desk.hours.standing import hours_from, places_of, week_holding
from bookings.desk.hours.weeks_shown import every
from bookings.engine.plans.rota_rows import week_mark
from bookings.timetable.edits import SetWeek, WeekStretch
from bookings.timetable.weeks import Weeks, monday_of
from clinic.core import clock
from clinic.core.date_fields import DayField
from clinic.core.formats import desk_clock
from clinic.practitioners.models import Practitioner


class WeekForm(HoursForm):
    """The usual week from a day on. The boxes hold the hours of the week of `copied`, else of the first day."""

    day = DayField(label="From", help_text="The first day of these hours")
    until = DayField(label="Last day", required=False, help_text="Empty: until you change them again")
    every = forms.TypedChoiceField(
        label="Which weeks",
        coerce=int,
        choices=EVERY,
        initial=1,
        help_text="Counted from the week of the first day. The weeks between keep the hours that they have.",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        practitioner: Practitioner,
        now: datetime,
        copied: date | None = None,
        initial: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.places = places_of(practitioner)
        start = {"day": clock.today(now)} | (initial or {})
        self.copied = copied or start["day"]
        week = week_holding(practitioner, self.copied)
        turns = [row for row in hours_from(practitioner, start["day"]) if row.every_weeks > 1]
        self.turns = [f"{row.get_weekday_display()} {desk_clock(row.starts_at)} is {every(row.weeks)}" for row in turns]
        start |= {"every": lcm(*(row.every_weeks for row in turns))} | fields.filled(week, self.places)
        super().__init__(data, practitioner=practitioner, now=now, initial=start, **kwargs)
        if "every" not in self.fields:
            self.turns = []  # one week is changed as it is
        self.a_day = fields.how_many(week, data or {})
        self.mark = week_mark(practitioner.pk)
        fields.add_boxes(self, self.a_day, self.places)

    @property
    def days(self) -> list[tuple[str, list[fields.Boxes]]]:
        return fields.days_of(self, self.a_day)

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        stretches = fields.read_boxes(self, self.a_day, self.places)
        if not self.errors:
            answers["change"] = self.change_of_weeks(self._edit(stretches), *self._which(answers))
        return answers

    def _edit(self, stretches: tuple[WeekStretch, ...]) -> SetWeek:
        assert self.practitioner  # noqa: S101 -- by its own `__init__`
        weeks, _ = self._which(self.cleaned_data)
        return SetWeek(practitioner_id=self.practitioner.pk, weeks=weeks, stretches=stretches)

    def _which(self, answers: dict[str, Any]) -> tuple[Weeks, str]:
        weeks = Weeks(answers["day"], answers["until"], answers["every"])
        return weeks, "usual week" if weeks.every == 1 else f"usual week, {every(weeks)}"


class OneWeekForm(WeekForm):
    """The hours of one week alone, from Monday to Sunday, or from today if it has begun."""

    until = every = None  # type: ignore[assignment]
    day = DayField(label="Week of", help_text="Any day of that week")

    def _which(self, answers: dict[str, Any]) -> tuple[Weeks, str]:
        monday = monday_of(answers["day"])
        return Weeks(max(monday, self.today), monday + timedelta(days=6)), "one week different"
