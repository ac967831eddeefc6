"""Stretches of one day on the local wall clock: whole minutes since midnight, half-open. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from clinic.core import clock

DAY = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """`passed` and `lasts` are true minutes, since midnight and from start to end: the clocks may change between.

    None where they are those of the wall clock.
    """

    start: int
    end: int
    label: str = ""
    passed: int | None = field(default=None, compare=False)
    lasts: int | None = field(default=None, compare=False)


def minute_of(at: datetime, day: date) -> int:
    """Where `at` stands on the wall clock of `day`, from 0 to 1440; other days count as its edges."""
    local = clock.local(at)
    if local.date() != day:
        return 0 if local.date() < day else DAY
    return local.hour * 60 + local.minute


def passed_until(at: datetime, day: date) -> int:
    """True minutes from the start of `day` to `at`, or to the edge of the day."""
    first, last = clock.day_bounds(day)
    return minutes_between(first, min(max(at, first), last))


def minutes_between(starts_at: datetime, ends_at: datetime) -> int:
    return int((ends_at.astimezone(UTC) - starts_at.astimezone(UTC)).total_seconds() // 60)


def minute_of_time(at: time) -> int:
    return at.hour * 60 + at.minute


def on_wall(starts_at: datetime, ends_at: datetime, day: date, label: str = "") -> Stretch:
    """A span as the wall clock of `day` shows it.

    When the clocks go back, a visit may end at or before the wall time at which it began; then its true length counts.
    """
    start, end = minute_of(starts_at, day), minute_of(ends_at, day)
    if end <= start:
        end = min(DAY, start + max(minutes_between(starts_at, ends_at), 5))
    passed = passed_until(starts_at, day)
    return Stretch(start, end, label, passed, passed_until(ends_at, day) - passed)


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same minutes in as few stretches as possible; labels are lost."""
    result: list[Stretch] = []
    for stretch in sorted(stretches):
        if result and stretch.start <= result[-1].end:
            result[-1] = Stretch(result[-1].start, max(result[-1].end, stretch.end))
        elif stretch.start < stretch.end:
            result.append(Stretch(stretch.start, stretch.end))
    return result


def without(stretches: Iterable[Stretch], taken: Iterable[Stretch]) -> list[Stretch]:
    """The minutes of `stretches` that are in none of `taken`."""
    holes = joined(taken)
    result: list[Stretch] = []
    for stretch in joined(stretches):
        start = stretch.start
        for hole in holes:
            if hole.end <= start or hole.start >= stretch.end:
                continue
            if hole.start > start:
                result.append(Stretch(start, hole.start))
            start = max(start, hole.end)
        if start < stretch.end:
            result.append(Stretch(start, stretch.end))
    return result
