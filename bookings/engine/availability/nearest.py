"""The free times nearest to a moment, or to each of several."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.engine.availability.question import question_of, rows_by, slots_by
from bookings.engine.availability.sql import FIRST, NEAR_EACH, NEAREST
from bookings.timetable.models import Location
from bookings.visits.models import Appointment
from bookings.visits.policy import Policy, policy_for
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner


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
    return slots_by(FIRST, question | {"limit": limit})


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
        found = slots_by(NEAREST, question)
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
    for *slot, target in rows_by(NEAR_EACH, question | {"targets": targets, "reach": reach}):
        found[target].append(Slot(*slot))
    return found
