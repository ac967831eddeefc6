"""The patient says that she is coming."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.domain.locking import in_transaction, lock_practitioners
from bookings.domain.refusals import IllegalMove
from bookings.models import Appointment
from bookings.models.appointment import Status

ASKED_FROM = timedelta(days=7)  # before the visit; a reminder may ask earlier


def say_coming(*, appointment: Appointment, now: datetime) -> Appointment:
    """Note that the patient has confirmed a booked visit. Twice is once.

    Raises:
        IllegalMove: it has begun, is over, or does not stand any more.
    """

    def work() -> Appointment:
        lock_practitioners([appointment.practitioner_id])
        visit = Appointment.objects.with_details().select_for_update(of=("self",)).get(pk=appointment.pk)
        if visit.status == Status.CONFIRMED:
            return visit
        if not may_say(visit, now):
            raise IllegalMove("This visit can no longer be confirmed online.")
        visit.status, visit.version = Status.CONFIRMED, visit.version + 1
        visit.save(update_fields=["status", "version"])
        return visit

    return in_transaction(work, alternatives=list)


def may_say(appointment: Appointment, now: datetime) -> bool:
    """Whether there is still something to confirm."""
    return appointment.status == Status.BOOKED and appointment.starts_at > now


def is_asked(appointment: Appointment, now: datetime) -> bool:
    """Whether the page of the visit asks."""
    return may_say(appointment, now) and appointment.starts_at - now <= ASKED_FROM
