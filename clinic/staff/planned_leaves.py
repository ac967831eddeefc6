"""Plan when somebody leaves, and do it then: under the rules of leaving at once, and with the owners told if it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from clinic.accounts.models import User
from clinic.core.errors import DomainError
from clinic.staff.leaving import OpenDuty, OwnLeave, StillHasWork, end_work, open_duties
from clinic.staff.mail import tell_owners_of_planned_leave
from clinic.staff.models import PlannedLeave
from clinic.staff.people import NotStaff, check_owns, lock_people, lock_staff, owners

WARNED_AHEAD = timedelta(days=1)


class LeaveTooSoon(DomainError):
    """The moment has gone by."""

    code = "leave_too_soon"


def plan(pk: int, *, leaves_at: datetime, by: User, now: datetime) -> PlannedLeave:
    """Plan it, in place of what was planned before. Visits after that moment may still be theirs until it comes.

    Raises:
        OwnLeave: `by` is the person.
        LeaveTooSoon: the moment is not to come.
        NotStaff: they have left, or `by` does not run the clinic any more.
    """
    if by.pk == pk:
        raise OwnLeave("Ask another owner: nobody ends their own access.")
    if leaves_at <= now:
        raise LeaveTooSoon("Choose a moment that is still to come.")
    with transaction.atomic():
        lock_people()
        locked = lock_staff(pk, by.pk)
        check_owns(locked[by.pk])
        PlannedLeave.objects.open().filter(user=pk).update(withdrawn_at=now)
        return PlannedLeave.objects.create(user=locked[pk], leaves_at=leaves_at, planned_by=by, planned_at=now)


def call_off(pk: int, now: datetime) -> bool:
    """Let somebody stay; False if nothing was planned, or no longer."""
    return bool(PlannedLeave.objects.open().filter(user=pk).update(withdrawn_at=now))


def look(now: datetime) -> dict[str, int]:
    """Carry out what is due, and tell the owners of what will not be possible. Any number of times, also at once."""
    found: dict[str, int] = {}
    for pk in PlannedLeave.objects.open().filter(leaves_at__lte=now + WARNED_AHEAD).values_list("pk", flat=True):
        if outcome := _look_at(pk, now):
            found[outcome] = found.get(outcome, 0) + 1
    return found


def _look_at(pk: int, now: datetime) -> str:
    with transaction.atomic():
        lock_people()
        planned = (
            PlannedLeave.objects.open().select_for_update(of=("self",)).select_related("user").filter(pk=pk).first()
        )
        if planned is None:
            return ""
        return _carry_out(planned, now) if planned.leaves_at <= now else _warn(planned, now)


def _carry_out(planned: PlannedLeave, now: datetime) -> str:
    try:
        with transaction.atomic():
            end_work(planned.user_id, by=planned.planned_by, now=now)
    except NotStaff:
        call_off(planned.user_id, now)
        return "called off"
    except DomainError as refusal:
        if planned.refused_at:
            return ""
        duties = refusal.duties if isinstance(refusal, StillHasWork) else []
        _tell(planned, duties, why=str(refusal))
        _note(planned, refused_at=now)
        return "refused"
    return "carried out"


def _warn(planned: PlannedLeave, now: datetime) -> str:
    if planned.warned_at:
        return ""
    duties = open_duties(planned.user, planned.leaves_at)
    if not duties:
        return ""
    _tell(planned, duties)
    _note(planned, warned_at=now)
    return "warned of"


def _tell(planned: PlannedLeave, duties: Sequence[OpenDuty], *, why: str = "") -> None:
    tell_owners_of_planned_leave(planned, [duty.text for duty in duties], owners().exclude(pk=planned.user_id), why=why)


def _note(planned: PlannedLeave, **when: datetime) -> None:
    PlannedLeave.objects.filter(pk=planned.pk).update(**when)
