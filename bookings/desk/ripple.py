"""What a late or over-running visit does to the rest of a practitioner's day. Pure: nothing moves by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

NONE = timedelta()


class State(Enum):
    TO_COME = auto()
    HERE = auto()
    IN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A visit that is not over: its planned time, and the cleaning before and after it."""

    key: int
    starts_at: datetime
    ends_at: datetime
    before: timedelta = NONE
    after: timedelta = NONE
    state: State = State.TO_COME
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    key: int
    starts_at: datetime
    ends_at: datetime
    delay: timedelta

    @property
    def minutes(self) -> int:
        """The delay in whole minutes that have passed, as clocks count them: the hour beside it is cut to the minute too."""
        return self.delay // timedelta(minutes=1)


def whole_minute(at: datetime) -> datetime:
    """The minute that `at` falls in, or the next if it has begun."""
    begun = at.replace(second=0, microsecond=0)
    return begun if begun == at else begun + timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ripple:
    expected: list[Expected]
    absorbed_by: str  # what takes up the delay: the name of a break, or "a gap"; empty: it lasts to the end

    @property
    def late(self) -> list[Expected]:
        return [one for one in self.expected if one.delay]


def ripple(*, visits: Iterable[Planned], breaks: Sequence[tuple[datetime, datetime, str]], now: datetime) -> Ripple:
    """When each visit is expected to start, from `now` on, one after the other.

    One that is in ends as planned, or now if that has passed; one that arrived late is given its full length, and one
    that was taken before its time has its length from when it arrived. Between two visits stays the cleaning that was
    planned between them; the rest of the time there, breaks included, absorbs.
    """
    expected: list[Expected] = []
    free_at: datetime | None = None
    former: Planned | None = None
    for visit in sorted(visits, key=lambda one: (one.state != State.IN, one.starts_at, one.key)):
        earliest = visit.starts_at
        if visit.state == State.IN:
            earliest = max(earliest, min(visit.arrived_at or earliest, now))
        elif free_at is not None and former is not None:
            earliest = max(earliest, now, free_at + _cleaning(former, visit))
        else:
            earliest = max(earliest, now)
        length = visit.ends_at - visit.starts_at
        ends_at = earliest + length
        leaves_at = ends_at
        if visit.state == State.IN:
            ends_at = max(ends_at, now)
            leaves_at = max(min(ends_at, (visit.arrived_at or now) + length), now) if now < visit.starts_at else ends_at
        expected.append(Expected(key=visit.key, starts_at=earliest, ends_at=ends_at, delay=earliest - visit.starts_at))
        if free_at is None or leaves_at >= free_at:
            free_at, former = leaves_at, visit
    return Ripple(expected=expected, absorbed_by=_absorber(expected, breaks))


def _cleaning(former: Planned, visit: Planned) -> timedelta:
    """The buffers between two visits, or what is planned between them if that is less; all of them out of order."""
    if visit.starts_at < former.starts_at:
        return former.after + visit.before
    planned = max(NONE, visit.starts_at - former.ends_at)
    return min(former.after + visit.before, planned)


def _absorber(expected: Sequence[Expected], breaks: Sequence[tuple[datetime, datetime, str]]) -> str:
    """The first break in the time where the delay goes down to nothing, else a gap."""
    is_late = False
    for place, one in enumerate(expected):
        if is_late and not one.delay:
            before = expected[place - 1].ends_at - expected[place - 1].delay
            found = (name for start, end, name in breaks if start < one.starts_at and end > before)
            return next(found, "a gap")
        is_late = is_late or bool(one.delay)
    return ""
