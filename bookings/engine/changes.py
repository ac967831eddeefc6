"""Move, cancel and restore a booked visit. How two people cannot both win: see `booking`."""

from __future__ import annotations

from datetime import datetime

from bookings.engine.booking_window import check_change_window, check_not_begun, check_time
from bookings.engine.consultations import check_consultation, is_consulted
from bookings.engine.locks import check_version, lock_visit, was_done_from_that_page
from bookings.engine.placement import choose_slot, place, slot_of
from bookings.engine.resize import as_long_as
from bookings.engine.slot_query import SlotQuery, again_at
from bookings.engine.transactions import in_transaction, lock_practitioners
from bookings.integrations import webhooks
from bookings.integrations.models import WebhookEndpoint
from bookings.messages.planning import visit_messages
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import UPCOMING, Status
from bookings.visits.policy import changes_until, policy_for
from bookings.visits.refusals import IllegalMove
from clinic.practitioners.models import Practitioner

Event = WebhookEndpoint.Event


def move(
    *,
    appointment: Appointment,
    starts_at: datetime,
    now: datetime,
    practitioner: Practitioner | None = None,
    by_staff: bool = False,
    version: int | None = None,
) -> Appointment:
    """Give a visit another time, and another practitioner if one is named. The same time again changes nothing.

    Raises:
        SlotTaken: with the three nearest times. TooLate: inside the window in which patients telephone to move.
        NotBookable: too soon or too far ahead. IllegalMove: not an upcoming visit. Stale: changed meanwhile.
        PatientBusy: has another visit then. NeedsConsultation: too soon after it, or too late.
    """
    treatment, to = appointment.treatment, practitioner or appointment.practitioner
    policy = policy_for(treatment)
    if not by_staff:
        check_time(policy, starts_at, now)

    def work() -> Appointment:
        lock_practitioners([appointment.practitioner_id, to.pk])
        visit = lock_visit(appointment, None)
        if visit.starts_at == starts_at and visit.practitioner_id == to.pk:
            return visit
        check_version(visit, version)
        if visit.status not in UPCOMING:
            raise IllegalMove("Only a coming visit can be moved.")
        if not by_staff:
            check_change_window(visit, now)
        slot = choose_slot(treatment, to, starts_at, now, policy=policy, by_staff=by_staff, ignoring=visit)
        # a visit that staff booked without a consultation may be put off by its patient, but not brought forward
        needs_consultation = not by_staff and (starts_at < visit.starts_at or is_consulted(visit, policy))
        place(visit, as_long_as(visit, slot), now)
        if needs_consultation:
            check_consultation(visit, policy)
        visit.status, visit.version = Status.BOOKED, visit.version + 1
        visit.save()
        visit_messages.plan_moved(visit, now, by_staff=by_staff)
        webhooks.plan(visit, Event.MOVED, now)
        return visit

    instead = SlotQuery(
        treatment=treatment,
        practitioner=to,
        starts_at=starts_at,
        now=now,
        policy=policy,
        ignoring=appointment,
        by_staff=by_staff,
    )
    return in_transaction(work, alternatives=instead.alternatives, why=instead.why)


def cancel(
    *, appointment: Appointment, now: datetime, by_staff: bool = False, version: int | None = None
) -> Appointment:
    """Cancel a visit and free its time; inside the change window it is marked as late. Idempotent.

    Raises:
        TooLate: it has begun, and staff alone may still. IllegalMove: it is over, or its patient is here and cancels.
        Stale: changed meanwhile.
    """

    def work() -> Appointment:
        lock_practitioners([appointment.practitioner_id])
        visit = lock_visit(appointment, None)
        if visit.status == Status.CANCELLED:
            return visit
        check_version(visit, version)
        if not visit.can_become(Status.CANCELLED) or (visit.status not in UPCOMING and not by_staff):
            raise IllegalMove("This visit can no longer be cancelled.")
        if not by_staff:
            check_not_begun(visit, now)
        visit.was_cancelled_late = now > changes_until(visit)
        visit.status, visit.cancelled_at, visit.version = Status.CANCELLED, now, visit.version + 1
        visit.save(update_fields=["status", "cancelled_at", "was_cancelled_late", "version"])
        visit_messages.plan_cancelled(visit, now, by_staff=by_staff)
        webhooks.plan(visit, Event.CANCELLED, now)
        return visit

    return in_transaction(work, alternatives=list)


def restore(*, appointment: Appointment, now: datetime, version: int | None = None) -> Appointment:
    """Undo a cancellation: the visit stands again at its time, if nobody has it meanwhile. Staff only. Idempotent.

    Raises:
        SlotTaken: the time, the room or the device is used again. PatientBusy: has another visit then.
        IllegalMove: it was not cancelled. Stale: changed meanwhile.
    """

    def work() -> Appointment:
        lock_practitioners([appointment.practitioner_id])
        visit = lock_visit(appointment, None)
        if visit.status in UPCOMING and was_done_from_that_page(visit, version):
            return visit
        check_version(visit, version)
        if visit.status in UPCOMING:
            return visit
        if visit.status != Status.CANCELLED:
            raise IllegalMove("Only a cancelled visit can be put back.")
        place(visit, slot_of(visit), now)
        visit.status, visit.cancelled_at, visit.version = Status.BOOKED, None, visit.version + 1
        visit.was_cancelled_late = False
        visit.save()
        visit_messages.plan_restored(visit, now)
        webhooks.plan(visit, Event.BOOKED, now)
        return visit

    return in_transaction(work, alternatives=list, why=again_at(appointment, now).why)
