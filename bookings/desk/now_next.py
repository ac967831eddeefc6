"""Who is in, who is next, and how late it is: read from one practitioner's rows of today and the time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from bookings.desk.ripple import Expected, Planned, Ripple, State, ripple
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import UPCOMING, Status

STATES: dict[str, State] = {Status.ARRIVED: State.HERE, Status.IN_PROGRESS: State.IN}
GIVEN_UP_AFTER = timedelta(hours=1)
LEAST_TOLD = timedelta(minutes=3)  # less is on time


class Mark(NamedTuple):
    """A word and an icon, so that the colour is not what tells."""

    kind: str  # late, waiting, over or unnoted
    icon: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NowNext:
    inside: Appointment | None = None
    next: Appointment | None = None
    marks: dict[int, Mark] = field(default_factory=dict)
    delays: dict[int, Expected] = field(default_factory=dict)
    ripple: Ripple = field(default_factory=lambda: Ripple(expected=[], absorbed_by=""))

    @property
    def current(self) -> Appointment | None:
        """Where the day stands: who is in, else who is next."""
        return self.inside or self.next

    @property
    def minutes_late(self) -> int:
        """How late the next visit that is not in will start."""
        return next((one.minutes for one in self.delays.values()), 0)


def now_next(
    *,
    appointments: Sequence[Appointment],
    breaks: Sequence[tuple[datetime, datetime, str]],
    now: datetime,
) -> NowNext:
    """The state of one practitioner's day; `appointments` are of that day, in any order."""
    rows = sorted(appointments, key=lambda one: (one.starts_at, one.pk))
    waited_for = [
        one for one in rows if one.status in STATES or (one.status in UPCOMING and not given_up(one, rows, now))
    ]
    inside = next((one for one in waited_for if one.status == Status.IN_PROGRESS), None)
    to_come = [one for one in waited_for if one.status != Status.IN_PROGRESS]
    found = ripple(visits=map(_planned, waited_for), breaks=breaks, now=now)
    coming = {one.pk for one in to_come}
    return NowNext(
        inside=inside,
        next=_next(to_come, now),
        marks=_marks(rows, waited_for, now),
        delays={one.key: one for one in found.late if one.key in coming and one.delay >= LEAST_TOLD},
        ripple=found,
    )


def given_up(one: Appointment, rows: Iterable[Appointment], now: datetime) -> bool:
    """Whether an upcoming visit has passed without a note: over for long, or someone later was seen meanwhile."""
    if one.ends_at > now:
        return False
    seen = {Status.IN_PROGRESS, Status.COMPLETED}
    return one.ends_at <= now - GIVEN_UP_AFTER or any(
        other.status in seen and other.starts_at > one.starts_at for other in rows
    )


def mark_of(one: Appointment, now: datetime) -> Mark | None:
    """What a clock has to say of a visit that is to come, waiting or in."""
    if one.status == Status.IN_PROGRESS and now >= one.ends_at + timedelta(minutes=1):
        return Mark("over", "hourglass", f"over by {minutes_between(one.ends_at, now)} min")
    if one.status == Status.ARRIVED and one.arrived_at and now >= one.arrived_at:
        return Mark("waiting", "clock", f"here {minutes_between(one.arrived_at, now)} min")
    if one.status in UPCOMING and now >= one.starts_at + timedelta(minutes=1):
        return Mark("late", "alert-circle", f"{minutes_between(one.starts_at, now)} min late")
    return None


def minutes_between(start: datetime, end: datetime) -> int:
    return (end - start) // timedelta(minutes=1)


def _marks(rows: Iterable[Appointment], waited_for: Iterable[Appointment], now: datetime) -> dict[int, Mark]:
    expected = {one.pk for one in waited_for}
    marks = {}
    for one in rows:
        if one.status in UPCOMING and one.pk not in expected:
            marks[one.pk] = Mark("unnoted", "alert-circle", "not noted")
        elif (mark := mark_of(one, now)) is not None:
            marks[one.pk] = mark
    return marks


def _next(to_come: Sequence[Appointment], now: datetime) -> Appointment | None:
    """The first by time; someone who is here goes before someone who is late."""
    here = next((one for one in to_come if one.status == Status.ARRIVED), None)
    first = next(iter(to_come), None)
    is_absent = first is not None and first.status in UPCOMING and first.starts_at < now
    return here if here is not None and is_absent else first


def _planned(one: Appointment) -> Planned:
    return Planned(
        key=one.pk,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        before=max(one.starts_at - one.occupied.lower, timedelta()),
        after=max(one.occupied.upper - one.ends_at, timedelta()),
        state=STATES.get(one.status, State.TO_COME),
        arrived_at=one.arrived_at,
    )
