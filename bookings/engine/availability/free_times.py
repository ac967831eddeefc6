"""When a treatment can be had: one SQL statement, whatever the number of practitioners, days or past visits.

Opening hours (the weekly rota on the local wall clock except on public holidays, and extra hours) are gathered into
multiranges; the starts on the slot step inside them are kept when the visit avoids time off, when the visit with its
buffers avoids what is occupied, and when a room and a device of the needed kinds are free too. Where the clinic avoids
short gaps, a start is kept only if what it leaves before and after can still be sold. docs/booking-engine.md shows the
plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

from bookings.engine.availability.sql import AT, FIRST, IN_ORDER, NEAR_EACH, NEAREST, PER_DAY, statement
from bookings.timetable.holidays import public_holidays
from bookings.timetable.models import Location
from bookings.visits.models import Appointment
from bookings.visits.policy import Policy, policy_for
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner

MAX_DAYS = 62
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
MARGIN = timedelta(hours=10)  # the longest visit, 8 hours, and the longest buffer


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many different start times a local day has."""

    day: date
    slots: int


def free_slots(
    *,
    treatment: Treatment,
    first_day: date,
    last_day: date,
    now: datetime,
    practitioner: Practitioner | None = None,
    location: Location | None = None,
    ignoring: Appointment | None = None,
    patient: Patient | None = None,
    policy: Policy | None = None,
    through_holds: bool = False,
) -> list[Slot]:
    """Every bookable time from `first_day` to `last_day` (local days, both included), by start then practitioner.

    Args:
        through_holds: also what visitors are just holding, and so what they could let go at any moment.
    """
    question = question_of(
        treatment=treatment,
        policy=policy,
        first_day=first_day,
        last_day=last_day,
        now=now,
        practitioner=practitioner,
        location=location,
        ignoring=ignoring,
        patient=patient,
    )
    if through_holds:
        question["now"] = NEVER  # by then no hold stands any more
    return _slots(IN_ORDER, question)


def free_at(
    *,
    treatment: Treatment,
    starts_at: datetime,
    now: datetime,
    practitioner: Practitioner | None = None,
    ignoring: Appointment | None = None,
    policy: Policy | None = None,
) -> list[Slot]:
    """Who is free at exactly `starts_at`."""
    day, policy = clock.today(starts_at), policy or policy_for(treatment)
    question = question_of(
        treatment=treatment,
        policy=policy,
        first_day=day,
        last_day=day,
        now=now,
        practitioner=practitioner,
        ignoring=ignoring,
    )
    if not policy.avoids_short_gaps:  # else the other times of the day decide whether this one is offered
        question["earliest"] = max(question["earliest"], starts_at)
        question["latest"] = min(question["latest"], starts_at + timedelta(microseconds=1))
    return _slots(AT, question | {"at": starts_at})


def next_slots(
    *,
    treatment: Treatment,
    now: datetime,
    practitioner: Practitioner | None = None,
    location: Location | None = None,
    limit: int = 3,
    policy: Policy | None = None,
) -> list[Slot]:
    """The first `limit` bookable times up to the horizon, by start then practitioner. One statement, no day-by-day search."""
    policy = policy or policy_for(treatment)
    question = question_of(
        treatment=treatment,
        policy=policy,
        first_day=clock.today(now),
        last_day=clock.today(now + policy.horizon),
        now=now,
        practitioner=practitioner,
        location=location,
    )
    return _slots(FIRST, question | {"limit": limit})


def nearest_slots(
    *,
    treatment: Treatment,
    starts_at: datetime,
    now: datetime,
    practitioner: Practitioner | None = None,
    limit: int = 3,
    ignoring: Appointment | None = None,
    patient: Patient | None = None,
    policy: Policy | None = None,
) -> list[Slot]:
    """The `limit` free times closest to `starts_at`, at most one for each start.

    Looked for on the days around it first, then further: whatever lies outside the days that were read is further away
    than `sure`.
    """
    found: list[Slot] = []
    policy = policy or policy_for(treatment)
    today, wanted = clock.today(now), clock.today(starts_at)
    for reach in (timedelta(days=1), timedelta(days=7), policy.horizon):
        first_day, last_day = max(today, wanted - reach), max(today, wanted) + reach
        question = question_of(
            treatment=treatment,
            policy=policy,
            first_day=first_day,
            last_day=last_day,
            now=now,
            practitioner=practitioner,
            ignoring=ignoring,
            patient=patient,
        )
        question |= {"near": starts_at, "may_be_same": practitioner is None, "limit": limit}
        found = _slots(NEAREST, question)
        edges = [clock.day_bounds(last_day)[1] - starts_at]
        if first_day > today:
            edges.append(starts_at - clock.day_bounds(first_day)[0])
        sure = min(edges)
        if sum(abs(slot.starts_at - starts_at) <= sure for slot in found) >= limit:
            break
    return found


def near_each(
    *,
    treatment: Treatment,
    targets: list[datetime],
    now: datetime,
    practitioner: Practitioner | None = None,
    patient: Patient | None = None,
    reach: timedelta = timedelta(days=7),
    policy: Policy | None = None,
) -> dict[datetime, list[Slot]]:
    """For each of `targets` one free time a local day within `reach`, nearest by the clock. One statement for all."""
    days = [clock.today(target) for target in targets]
    question = question_of(
        treatment=treatment,
        policy=policy,
        first_day=max(clock.today(now), min(days) - reach),
        last_day=max(clock.today(now), max(days) + reach),
        now=now,
        practitioner=practitioner,
        patient=patient,
    )
    found: dict[datetime, list[Slot]] = {target: [] for target in targets}
    for *slot, target in _rows(NEAR_EACH, question | {"targets": targets, "reach": reach}):
        found[target].append(Slot(*slot))
    return found


def open_days(
    *,
    treatment: Treatment,
    now: datetime,
    practitioner: Practitioner | None = None,
    location: Location | None = None,
    from_day: date | None = None,
    limit: int = 10,
    ignoring: Appointment | None = None,
    patient: Patient | None = None,
    policy: Policy | None = None,
) -> list[DayCount]:
    """The next `limit` local days, from `from_day` or today, that have a free time, and how many."""
    today, policy = clock.today(now), policy or policy_for(treatment)
    question = question_of(
        treatment=treatment,
        policy=policy,
        first_day=max(today, from_day or today),
        last_day=clock.today(now + policy.horizon),
        now=now,
        practitioner=practitioner,
        location=location,
        ignoring=ignoring,
        patient=patient,
    )
    return [DayCount(*row) for row in _rows(PER_DAY, question | {"limit": limit})]


def window_of(first_day: date, last_day: date) -> dict[str, Any]:
    """These local days, and how far around them to look for what reaches into them."""
    start, _ = clock.day_bounds(first_day)
    _, end = clock.day_bounds(max(first_day, last_day))
    return {
        "first_day": first_day,
        "last_day": last_day,
        "window_start": start - MARGIN,
        "window_end": end + MARGIN,
    }


def question_of(
    *,
    treatment: Treatment,
    first_day: date,
    last_day: date,
    now: datetime,
    practitioner: Practitioner | None = None,
    location: Location | None = None,
    ignoring: Appointment | None = None,
    patient: Patient | None = None,
    policy: Policy | None = None,
) -> dict[str, Any]:
    policy = policy or policy_for(treatment)
    window_start, _ = clock.day_bounds(first_day)
    _, window_end = clock.day_bounds(max(first_day, last_day))
    return window_of(first_day, last_day) | {
        "treatment": treatment.pk,
        "duration": treatment.duration_minutes,
        "before": timedelta(minutes=treatment.buffer_before_minutes),
        "after": timedelta(minutes=treatment.buffer_after_minutes),
        "room_kind": treatment.room_kind,
        "device_kind": treatment.device_kind_id,
        "practitioner": practitioner.pk if practitioner else None,
        "location": location.pk if location else None,
        "ignoring": ignoring.pk if ignoring else -1,
        "patient": patient.pk if patient else None,
        "earliest": max(window_start, now + policy.minimum_notice),
        "latest": min(window_end, now + policy.horizon),
        "step": policy.slot_step,
        "last_start": policy.last_start_at,
        "holidays": list(public_holidays(first_day, last_day)) if policy.closes_on_public_holidays else [],
        "avoids_short_gaps": policy.avoids_short_gaps,
        "now": now,
    }


def _slots(tail: str, question: dict[str, Any]) -> list[Slot]:
    return [Slot(*row) for row in _rows(tail, question)]


def _rows(tail: str, question: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        # psycopg's own reader, in C; Django's is in Python and took as long as the statement for a thousand slots.
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        sql = statement(
            tail,
            avoids_short_gaps=question["avoids_short_gaps"],
            needs_room=bool(question["room_kind"]),
            needs_device=question["device_kind"] is not None,
            knows_patient=question["patient"] is not None,
        )
        cursor.execute(sql, question)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
