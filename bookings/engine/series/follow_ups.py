"""The visit that follows a treatment: when it is offered, and its booking."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bookings.engine.availability.free_times import free_slots
from bookings.engine.booking import book
from bookings.engine.consultations import may_start
from bookings.engine.eligibility import details_of
from bookings.engine.idempotency import once_after
from bookings.visits.models import Appointment
from bookings.visits.policy import policy_for
from bookings.visits.refusals import NotBookable
from bookings.visits.slot import Slot
from clinic.core import clock
from clinic.practitioners.models import Practitioner

EARLIER, LATER = timedelta(days=3), timedelta(days=10)  # how far from its day a follow-up is offered


def follow_up_slots(visit: Appointment, now: datetime) -> list[Slot]:
    """Free times with the same practitioner around the day on which the visit's follow-up is due, by start."""
    treatment = visit.treatment.follow_up
    if treatment is None:
        return []
    first_day = max(clock.today(now), follow_up_from(visit))
    policy = policy_for(treatment)
    slots = free_slots(
        treatment=treatment,
        policy=policy,
        first_day=first_day,
        last_day=first_day + EARLIER + LATER,
        now=now,
        practitioner=visit.practitioner,
        patient=visit.patient,
    )
    return list(filter(may_start(visit.patient, treatment, policy), slots))


def follow_up_from(visit: Appointment) -> date:
    """The first local day on which its follow-up is offered: a little before it is due."""
    return clock.today(visit.starts_at) + timedelta(days=visit.treatment.follow_up_after_days) - EARLIER


def book_follow_up(
    *, visit: Appointment, starts_at: datetime, now: datetime, practitioner: Practitioner | None = None
) -> Appointment:
    """Book the follow-up of `visit` for its patient. Once booked, the same visit is given again.

    Raises:
        NotBookable: nothing follows this treatment, or the visit has no patient or is off. And what `booking.book` raises.
    """
    treatment, patient = visit.treatment.follow_up, visit.patient
    if treatment is None or patient is None or not visit.leads_on:
        raise NotBookable("There is no follow-up to book for this visit.")
    once = once_after(visit, treatment)
    if already := follow_up_of(visit):
        return already
    return book(
        treatment=treatment,
        practitioner=practitioner or visit.practitioner,
        starts_at=starts_at,
        details=details_of(patient, is_proved=not visit.is_unproven),
        now=now,
        follows=visit,
        idempotency=once,
    )


def follow_up_of(visit: Appointment) -> Appointment | None:
    """The follow-up that is booked already, if any."""
    return visit.follow_ups.standing().with_details().filter(treatment=visit.treatment.follow_up_id).first()
