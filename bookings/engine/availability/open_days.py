"""Days with free times, and how many each has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bookings.engine.availability.question import question_of, rows_by
from bookings.engine.availability.sql import PER_DAY
from bookings.timetable.models import Location
from bookings.visits.models import Appointment
from bookings.visits.policy import Policy, policy_for
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many different start times a local day has."""

    day: date
    slots: int


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
    return [DayCount(*row) for row in rows_by(PER_DAY, question | {"limit": limit})]
