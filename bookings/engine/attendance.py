"""Note that a patient confirms a visit, and when to ask for it."""

from __future__ import annotations

from datetime import datetime

from bookings.engine.locks import check_version, lock_visit
from bookings.engine.transactions import in_transaction, lock_practitioners
from bookings.messages.models import Message
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import IllegalMove

WENT_OUT = (Message.State.SENT, Message.State.UNKNOWN)


def say_coming(*, appointment: Appointment, now: datetime, version: int | None = None) -> Appointment:
    """Note that the patient has confirmed a booked visit. Idempotent.

    Raises:
        IllegalMove: it has begun, is over, or does not stand any more. Stale: changed since the page at `version`.
    """

    def work() -> Appointment:
        lock_practitioners([appointment.practitioner_id])
        visit = lock_visit(appointment, None)
        was_said_from_that_page = visit.status == Status.CONFIRMED and version == visit.version - 1
        if was_said_from_that_page:
            return visit
        check_version(visit, version)
        if visit.status == Status.CONFIRMED:
            return visit
        if not visit.may_be_confirmed(now):
            raise IllegalMove("This visit can no longer be confirmed online.")
        visit.status, visit.version = Status.CONFIRMED, visit.version + 1
        visit.save(update_fields=["status", "version"])
        return visit

    return in_transaction(work, alternatives=list)


def is_asked(appointment: Appointment, now: datetime) -> bool:
    """Whether the page of the visit asks: once a reminder of this time went out, and not before."""
    return appointment.may_be_confirmed(now) and _was_reminded(appointment)


def will_be_reminded(appointment: Appointment) -> bool:
    """Whether a reminder is planned or went out: one booked at short notice may be due none."""
    reminders = appointment.messages.filter(kind=Message.Kind.REMINDER)
    return reminders.exclude(state=Message.State.WITHDRAWN).exists()


def _was_reminded(appointment: Appointment) -> bool:
    reminders = appointment.messages.filter(kind=Message.Kind.REMINDER, state__in=WENT_OUT)
    return reminders.filter(expires_at=appointment.starts_at).exists()
