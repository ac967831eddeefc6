"""Stretches of one day on the local wall clock: whole minutes since midnight, half-open. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from clinic.core import clock

DAY = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    start: int
    end: int
    label: str = ""


def minute_of(at: datetime, day: date) -> int:
    """Where `at` stands on the wall clock of `day`, from 0 to 1440; other days count as its edges."""
    local = clock.local(at)
    if local.date() != day:
        return 0 if local.date() < day else DAY
    return local.hour * 60 + local.minute


def minute_of_time(at: time) -> int:
    return at.hour * 60 + at.minute


def on_wall(starts_at: datetime, ends_at: datetime, day: date, label: str = "") -> Stretch:
    """A span as the wall clock of `day` shows it.

    When the clocks go back, a visit may end at or before the wall time at which it began; then its true length counts.
    """
    start, end = minute_of(starts_at, day), minute_of(ends_at, day)
    if end <= start:
        true_minutes = int((ends_at - starts_at).total_seconds() // 60)
        end = min(DAY, start + max(true_minutes, 5))
    return Stretch(start, end, label)


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
