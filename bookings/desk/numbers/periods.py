"""The stretch of local days that is counted, and the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.core import clock
from clinic.core.formats import long_day

KINDS = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Period:
    """A day, a week from Monday on, or a calendar month; `last` is in it."""

    kind: str
    first: date
    last: date

    @classmethod
    def around(cls, day: date, kind: str | None) -> Period:
        """The one that `day` lies in; a week where the kind makes no sense."""
        if kind == "day":
            return cls("day", day, day)
        if kind == "month":
            first = day.replace(day=1)
            return cls("month", first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        monday = day - timedelta(days=day.weekday())
        return cls("week", monday, monday + timedelta(days=6))

    @property
    def before(self) -> Period:
        return Period.around(self.first - timedelta(days=1), self.kind)

    @property
    def after(self) -> Period:
        return Period.around(self.last + timedelta(days=1), self.kind)

    @property
    def starts_at(self) -> datetime:
        return clock.day_bounds(self.first)[0]

    @property
    def ends_at(self) -> datetime:
        return clock.day_bounds(self.last)[1]

    def __str__(self) -> str:
        if self.kind == "day":
            return long_day(self.first)
        if self.kind == "month":
            return f"{self.first:%B %Y}"
        last = f"{self.last.day} {self.last:%B %Y}"
        if self.first.year != self.last.year:
            return f"{self.first.day} {self.first:%B %Y} to {last}"
        month = "" if self.first.month == self.last.month else f" {self.first:%B}"
        return f"{self.first.day}{month} to {last}"
