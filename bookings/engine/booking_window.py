"""From when and until when a visit can be booked, moved or cancelled online; whether the time is free is asked elsewhere."""

from __future__ import annotations

from datetime import datetime

from bookings.visits.models import Appointment
from bookings.visits.policy import Policy, changes_until
from bookings.visits.refusals import NotBookable, Reason, TooLate
from clinic.catalogue.models import Treatment


def check_bookable(treatment: Treatment) -> None:
    """Refuse a treatment that is not offered online.

    Raises:
        NotBookable
    """
    if not treatment.is_offered_online:
        raise NotBookable("This cannot be booked online. Please call us.", reason=Reason.NOT_OFFERED)


def check_time(policy: Policy, starts_at: datetime, now: datetime) -> None:
    """Refuse a time outside minimum notice and horizon.

    Raises:
        NotBookable: passed, too soon, or too far ahead.
    """
    if starts_at < now:
        raise NotBookable(Reason.PAST)
    if starts_at < now + policy.minimum_notice:
        raise NotBookable(Reason.TOO_SOON)
    if starts_at >= now + policy.horizon:
        raise NotBookable(Reason.TOO_FAR_AHEAD)


def check_change_window(visit: Appointment, now: datetime) -> None:
    """Refuse a move inside the change window.

    Raises:
        TooLate
    """
    if now > changes_until(visit):
        raise TooLate("It is too late to move this visit online. Please call us and we will look for another time.")


def check_not_begun(visit: Appointment, now: datetime) -> None:
    """Refuse a cancellation once the visit has begun.

    Raises:
        TooLate
    """
    if visit.has_begun(now):
        raise TooLate("This visit has begun, so it cannot be cancelled online any more. Please call us.")
