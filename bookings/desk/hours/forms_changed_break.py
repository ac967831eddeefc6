"""Another time, other days or other weeks for a break of every week, from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from bookings.desk.hours.forms_break import BreakForm
from bookings.desk.hours.forms_end import GONE, breaks_of, keys_of
from bookings.timetable.edits import ChangeBreak, Edit
from bookings.timetable.models import RegularTimeOff
from bookings.timetable.weeks import Weeks
from clinic.practitioners.models import Practitioner


class ChangedBreakForm(BreakForm):
    """It opens as the break is: `rows` are its rows, one for each weekday."""

    rows = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, practitioner: Practitioner | None, now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(data, practitioner=practitioner, now=now, **kwargs)
        self.keys = keys_of((self.data if data is not None else self.initial).get("rows", ""))
        self.breaks = breaks_of(practitioner, self.keys)
        if self.breaks:
            self.initial = {**self.initial, **self._as_it_is(self.breaks)}

    def clean(self) -> dict[str, Any]:
        if not self.breaks:
            raise forms.ValidationError(GONE)
        return super().clean()

    def edit(self, answers: dict[str, Any], weeks: Weeks) -> Edit:
        return ChangeBreak(rows=self.keys, to=self.break_of(answers, weeks))

    def _as_it_is(self, rows: list[RegularTimeOff]) -> dict[str, Any]:
        one = rows[0]
        nearest = (row.weeks.next_on(row.weekday, self.today) for row in rows)
        return {
            "weekdays": [row.weekday for row in rows],
            "starts": one.starts_at,
            "ends": one.ends_at,
            "reason": one.reason,
            "day": min((day for day in nearest if day), default=self.today),
            "until": one.valid_until,
            "every": one.every_weeks,
        }
