"""What became of a demo visit, and when: who booked it, confirmed it, came, or did not. Pure: no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status

SOON = timedelta(minutes=20)  # who is this close to a visit has arrived
LATEST_BOOKING = timedelta(hours=5)
CHANGE_WINDOW = timedelta(hours=24)
CANCELLED, MISSED = 0.06, 0.07  # of visits
AT_DESK, WITH_NOTE, CONFIRMED, BY_DESK = 0.25, 0.15, 0.6, 0.3  # of bookings, visits, cancellations
NOTES = (
    "This is my first time, and I am a little nervous.",
    "I may be five minutes late: I come straight from work.",
    "My skin reacts to strong perfume.",
    "Could we go through the aftercare again?",
)


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a visit: what it sets, when, and whether the desk or the patient made it."""

    at: datetime
    values: dict[str, Any]
    by_staff: bool = True


@dataclass(frozen=True, slots=True)
class Story:
    booked_at: datetime
    source: str
    note: str = ""
    steps: list[Step] = field(default_factory=list)

    @property
    def status(self) -> str:
        return str(self.steps[-1].values["status"]) if self.steps else Status.BOOKED

    @property
    def cancelled_at(self) -> datetime | None:
        return self.steps[-1].at if self.status == Status.CANCELLED else None

    @property
    def takes_place(self) -> bool:
        return self.status not in {Status.CANCELLED, Status.NO_SHOW}


def tell_story(
    rng: Random,
    *,
    starts_at: datetime,
    ends_at: datetime,
    earliest_booking: datetime,
    now: datetime,
    only_by_desk: bool,
    goes_well: bool,
) -> Story:
    """Make up what happened to a visit until `now`. One that `goes_well` is never cancelled or missed."""
    latest = min(starts_at - LATEST_BOOKING, now - timedelta(minutes=30))
    earliest = min(latest, max(earliest_booking, starts_at - timedelta(days=18)))
    booked_at = _between(rng, earliest, latest)
    is_by_desk = only_by_desk or rng.random() < AT_DESK
    return Story(
        booked_at=booked_at,
        source=Appointment.Source.DESK if is_by_desk else Appointment.Source.ONLINE,
        note=rng.choice(NOTES) if not is_by_desk and rng.random() < WITH_NOTE else "",
        steps=_steps(rng, booked_at, starts_at, ends_at, now, chance=1.0 if goes_well else rng.random()),
    )


def _steps(
    rng: Random, booked_at: datetime, starts_at: datetime, ends_at: datetime, now: datetime, *, chance: float
) -> list[Step]:
    if chance < CANCELLED and abs(starts_at - now) > timedelta(days=1):
        return [_cancellation(rng, booked_at, starts_at, now)]
    steps = _confirmation(rng, booked_at, starts_at, now)
    if CANCELLED <= chance < CANCELLED + MISSED and ends_at <= now:
        return [*steps, Step(starts_at + timedelta(minutes=15), {"status": Status.NO_SHOW})]
    came_at = starts_at - timedelta(minutes=rng.randint(2, 12))
    if starts_at > now:
        came_at = min(came_at, now - timedelta(minutes=1))
    if starts_at - now <= SOON:
        steps.append(Step(came_at, {"status": Status.ARRIVED, "arrived_at": came_at}))
    if starts_at <= now:
        steps.append(Step(starts_at, {"status": Status.IN_PROGRESS}))
    if ends_at <= now:
        steps.append(Step(ends_at, {"status": Status.COMPLETED}))
    return steps


def _confirmation(rng: Random, booked_at: datetime, starts_at: datetime, now: datetime) -> list[Step]:
    """Most people say that they are coming, in the two days before."""
    opens, closes = max(booked_at, starts_at - timedelta(days=2)), min(now, starts_at - timedelta(hours=1))
    if opens >= closes or rng.random() > CONFIRMED:
        return []
    return [Step(_between(rng, opens, closes), {"status": Status.CONFIRMED})]


def _cancellation(rng: Random, booked_at: datetime, starts_at: datetime, now: datetime) -> Step:
    is_by_staff = rng.random() < BY_DESK
    latest = min(now, starts_at if is_by_staff else starts_at - CHANGE_WINDOW)
    at = _between(rng, booked_at, max(booked_at, latest - timedelta(minutes=10)))
    is_late = at > starts_at - CHANGE_WINDOW
    values = {"status": Status.CANCELLED, "cancelled_at": at, "was_cancelled_late": is_late, "version": 2}
    return Step(at, values, by_staff=is_by_staff or is_late)


def _between(rng: Random, earliest: datetime, latest: datetime) -> datetime:
    """Some moment between two, by day where there is one: people rarely book at four in the morning."""
    at = earliest + timedelta(seconds=int((latest - earliest).total_seconds() * rng.random()))
    by_day = at.replace(hour=9 + at.hour * 10 // 24)
    return by_day if earliest <= by_day <= latest else at
