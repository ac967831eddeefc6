"""What the forms of all changes of hours have in common. `cleaned_data["change"]` is what was meant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from bookings.engine.plans.hours import HoursChange
from bookings.timetable.edits import Edit
from bookings.timetable.weeks import MOST_WEEKS, Weeks
from clinic.core import clock
from clinic.practitioners.models import Practitioner

EVERY = [(1, "Every week"), (2, "Every other week"), *((n, f"Every {n} weeks") for n in range(3, MOST_WEEKS + 1))]


class HoursForm(forms.Form):
    """What the forms of all changes have in common."""

    use_required_attribute = False

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, practitioner: Practitioner | None, now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.practitioner, self.now, self.today = practitioner, now, clock.today(now)

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        day, until = answers.get("day"), answers.get("until")
        if day and day < self.today:
            self.add_error("day", "That day has passed: choose today or a later day")
        if day and until and until < day:
            self.add_error("until", "The last day cannot be before the first")
        return answers

    def change(self, edit: Edit, starts_at: datetime, ends_at: datetime | None, reason: str) -> HoursChange:
        return HoursChange(
            practitioner=self.practitioner,
            edit=edit,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason[:80],
            mark=self.data.get("mark", ""),
        )

    def change_of_weeks(self, edit: Edit, weeks: Weeks, reason: str) -> HoursChange:
        starts_at = max(clock.day_bounds(weeks.first_day)[0], clock.day_bounds(self.today)[0])
        ends_at = clock.day_bounds(weeks.last_day)[1] if weeks.last_day else None
        return self.change(edit, starts_at, ends_at, reason)
