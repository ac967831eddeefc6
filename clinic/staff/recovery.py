"""Let someone back in who lost their second factor: by another person, and with every owner told."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from clinic.accounts.models import User
from clinic.core.errors import DomainError
from clinic.staff.mail import send_recovery, tell_owners_of_recovery
from clinic.staff.models import RECOVERY_LASTS, Enrolment, Recovery
from clinic.staff.people import NotStaff, check_owns, lock_staff, owners
from clinic.staff.sessions import end_sessions


class OwnRecovery(DomainError):
    """Nobody resets their own sign-in."""

    code = "own_recovery"


class RecoveryOver(DomainError):
    """Used, replaced or run out."""

    code = "recovery_over"


def reset(pk: int, *, by: User | None, now: datetime) -> Recovery:
    """Take every second factor and session of a member of staff away and mail them one link, good for an hour.

    `by` is an owner who has seen who asks; None from the host. Every other owner is told. Of two owners who reset each
    other at once the first wins.

    Raises:
        OwnRecovery: `by` is the person.
        NotStaff: the person does not work here, or `by` does not run the clinic any more.
    """
    if by and by.pk == pk:
        raise OwnRecovery("You cannot reset your own sign-in. Use a recovery code, or ask another owner.")
    with transaction.atomic():
        locked = lock_staff(pk, *([by.pk] if by else []))
        if by:
            check_owns(locked[by.pk])
        if by and Recovery.objects.waits_for(by):
            raise NotStaff("Your own sign-in was reset meanwhile. Use the link in your mailbox first.")
        user = locked[pk]
        Recovery.objects.pending().filter(user=user).update(ended_at=now)
        Authenticator.objects.filter(user=user).delete()
        Enrolment.objects.filter(user=user).update(codes_kept_at=None)
        end_sessions(user)
        recovery = Recovery.objects.create(user=user, allowed_by=by, allowed_at=now, expires_at=now + RECOVERY_LASTS)
        send_recovery(recovery)
        tell_owners_of_recovery(recovery, owners().exclude(pk=pk))
    return recovery


def use(recovery: Recovery, now: datetime) -> User:
    """Use the link up and give the account it opens.

    Raises:
        RecoveryOver: it was used, replaced or ran out.
    """
    with transaction.atomic():
        locked = Recovery.objects.select_for_update().select_related("user").get(pk=recovery.pk)
        if not locked.is_open(now) or not locked.user.is_active:
            raise RecoveryOver("This link has run out. Ask an owner for a new one.")
        locked.used_at = now
        locked.save(update_fields=["used_at"])
    return locked.user
