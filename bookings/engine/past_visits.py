"""Write down visits that were kept elsewhere and are over, or were called off: what happened counts, and nobody is told.

They need no room and no cleaning time any more, and no age or consultation is asked: they are facts by now.
"""

from __future__ import annotations

from datetime import datetime

from bookings.engine.eligibility import PatientDetails, find_or_add_patient
from bookings.engine.idempotency import Idempotency, answer_to, remember
from bookings.engine.locks import lock_visit
from bookings.engine.placement import release_overlapping_holds, usual_slot
from bookings.engine.slot_query import SlotQuery, again_at
from bookings.engine.transactions import in_transaction, lock_practitioners
from bookings.messages.planning import visit_messages
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.practitioners.models import Practitioner


def record(
    *,
    treatment: Treatment,
    practitioner: Practitioner,
    starts_at: datetime,
    status: str,
    details: PatientDetails,
    now: datetime,
    idempotency: Idempotency,
) -> Appointment:
    """Keep a visit that was attended, missed or cancelled, without a price: what was agreed is not known. Idempotent.

    Raises:
        SlotTaken: the practitioner attended to someone else then. PatientBusy: the patient was elsewhere.
    """

    def work() -> Appointment:
        lock_practitioners([practitioner.pk])
        if answered := answer_to(idempotency):
            return answered
        slot = usual_slot(treatment, practitioner, starts_at)
        during = span(slot.starts_at, slot.ends_at)
        visit = Appointment(treatment=treatment, practitioner=practitioner, location_id=slot.location_id, status=status)
        visit.during = visit.occupied = during
        visit.patient, _ = find_or_add_patient(details, by_staff=True)
        visit.note = details.note
        visit.source = Appointment.Source.IMPORT
        visit.cancelled_at = min(now, starts_at) if status == Status.CANCELLED else None
        if status == Status.COMPLETED:
            release_overlapping_holds(visit, now)
        visit.save(force_insert=True)
        remember(idempotency, visit, now)
        return visit

    there = SlotQuery(treatment=treatment, practitioner=practitioner, starts_at=starts_at, now=now, by_staff=True)
    return in_transaction(work, alternatives=list, why=there.why)


def correct(appointment: Appointment, status: str, now: datetime) -> Appointment:
    """Let a visit that is over count as attended, missed or cancelled, whatever it counted as. Nothing is sent.

    Raises:
        SlotTaken: the practitioner attended to someone else then. PatientBusy: the patient was elsewhere.
    """

    def work() -> Appointment:
        lock_practitioners([appointment.practitioner_id])
        visit = lock_visit(appointment, None)
        visit_messages.withdraw(visit)
        visit.status, visit.version = status, visit.version + 1
        visit.cancelled_at = min(now, visit.starts_at) if status == Status.CANCELLED else None
        if status == Status.COMPLETED:
            release_overlapping_holds(visit, now)
        visit.save(update_fields=["status", "version", "cancelled_at"])
        return visit

    return in_transaction(work, alternatives=list, why=again_at(appointment, now).why)
