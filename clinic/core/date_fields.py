"""A day and a time as staff type them, and as addresses carry a day."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date", "class": "w-10"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            error_messages={"required": "Choose a day", "invalid": "Enter a day, for example 24/11/2026"}, **kwargs
        )

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not FIRST_DAY <= value < LAST_DAY:
            raise ValidationError("Enter a day of this century", code="invalid")


class TimeField(forms.TimeField):
    widget = forms.TimeInput(attrs={"type": "time", "class": "w-10", "step": "300"}, format="%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            error_messages={"required": "Enter a time", "invalid": "Enter a time, for example 14:30"}, **kwargs
        )


def read_day(written: str | None) -> date | None:
    try:
        day = date.fromisoformat(written or "")
    except ValueError:
        return None
    return day if FIRST_DAY <= day < LAST_DAY else None


def read_time(written: str | None) -> time | None:
    """A time of the wall clock, as `14:30`."""
    try:
        at = time.fromisoformat(written or "")
    except ValueError:
        return None
    return at if f"{at:%H:%M}" == written else None
