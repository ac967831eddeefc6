"""The clinic's time zone, and the one place that asks what time it is."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return timezone.now()


def today(at: datetime | None = None) -> date:
    """The clinic's calendar day at `at` (default: now)."""
    return (at or now()).astimezone(LONDON).date()


def local(at: datetime) -> datetime:
    """The same moment on the clinic's wall clock."""
    return at.astimezone(LONDON)


def is_left_out(day: date, at: time) -> bool:
    """Whether the wall clock of `day` never shows `at`, as the clocks go forward."""
    wanted = datetime.combine(day, at, tzinfo=LONDON)
    return local(wanted.astimezone(UTC)).time() != at


def comes_twice(at: datetime) -> bool:
    """Whether the wall clock shows the time of `at` twice that night, as the clocks go back."""
    on_wall = local(at)
    return on_wall.replace(fold=0).utcoffset() != on_wall.replace(fold=1).utcoffset()


@lru_cache(maxsize=1024)  # each visit of a day asks for its midnight
def day_bounds(day: date) -> tuple[datetime, datetime]:
    """First moment of `day` and of the day after, in the clinic's zone: 23, 24 or 25 hours apart."""
    start = datetime.combine(day, time.min, tzinfo=LONDON)
    return start, datetime.combine(day + timedelta(days=1), time.min, tzinfo=LONDON)


def age_on(date_of_birth: date, day: date) -> int:
    """Completed years on `day`. Someone born on 29 February comes of age on 1 March of a common year.

    Source: Family Law Reform Act 1969 s.9 (an age is attained at the start of the birthday) with the birthday of
    a 29 February birth taken, as is usual in England, to fall on 1 March in common years.
    """
    had_birthday = (day.month, day.day) >= (date_of_birth.month, date_of_birth.day)
    return day.year - date_of_birth.year - (0 if had_birthday else 1)


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
