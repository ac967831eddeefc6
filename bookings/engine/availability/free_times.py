"""When a treatment can be had: one SQL statement, whatever the number of practitioners, days or past visits.

Opening hours (the weekly rota on the local wall clock except on public holidays, and extra hours) are gathered into
multiranges; the starts on the slot step inside them are kept when the visit avoids time off, when the visit with its
buffers avoids what is occupied, and when a room and a device of the needed kinds are free too. Where the clinic avoids
short gaps, a start is kept only if what it leaves before and after can still be sold. docs/booking-engine.md shows the
plan.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bookings.engine.availability.question import NEVER, question_of, slots_by
from bookings.engine.availability.sql import AT, IN_ORDER
from bookings.timetable.models import Location
from bookings.visits.models import Appointment
from bookings.visits.policy import Policy, policy_for
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner


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
    return slots_by(IN_ORDER, question)


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
    return slots_by(AT, question | {"at": starts_at})
