"""End someone's work here: refuse while they have work open, then end everything that lets them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.template.defaultfilters import pluralize

from clinic.accounts.models import User
from clinic.accounts.rights import Role, roles_of
from clinic.core.errors import DomainError
from clinic.staff import recovery
from clinic.staff.mail import tell_leaver
from clinic.staff.models import Invitation, Leaver, PlannedLeave, Recovery
from clinic.staff.people import LastOwner, check_owns, is_last_owner, lock_people, lock_staff
from clinic.staff.sessions import end_sessions


@dataclass(frozen=True, slots=True)
class OpenDuty:
    """Work that somebody else has to take over first, and the page where it is handed over."""

    text: str
    address: str


class Duty(Protocol):
    """A part of the clinic where a member of staff may have work open, or ways in of their own."""

    def open_of(self, user: User, now: datetime) -> Sequence[OpenDuty]:
        """List the work that is still theirs."""

    def lock(self, user: User) -> None:
        """Keep what `open_of` reads as it is until the transaction ends."""

    def end(self, user: User, now: datetime) -> Sequence[str]:
        """End their ways in; gives a sentence for each thing that was ended."""


class StillHasWork(DomainError):
    """Something of theirs is open: `duties`."""

    code = "still_has_work"

    def __init__(self, duties: Sequence[OpenDuty]) -> None:
        super().__init__("Nothing was changed. Move what is still theirs first.")
        self.duties = duties


class OwnLeave(DomainError):
    """Nobody ends their own access."""

    code = "own_leave"


_DUTIES: list[Duty] = []


def register(duty: Duty) -> None:
    """Add a duty; its app calls this when it is ready."""
    _DUTIES.append(duty)


def open_duties(user: User, now: datetime) -> list[OpenDuty]:
    return [one for duty in _DUTIES for one in duty.open_of(user, now)]


def leave(pk: int, *, by: User, now: datetime) -> Leaver:
    """End roles, sessions, second factors, links, keys and feeds of a member of staff, in one transaction.

    Their account stays without a way in, so that their name stays on what they wrote.

    Raises:
        OwnLeave: `by` is the person.
        NotStaff: they have left already, or `by` does not run the clinic any more.
        LastOwner: nobody would be left to run the clinic.
        StillHasWork: visits or other work are still theirs.
    """
    if by.pk == pk:
        raise OwnLeave("Ask another owner: nobody ends their own access.")
    with transaction.atomic():
        lock_people()
        check_owns(lock_staff(pk, by.pk)[by.pk])
        return end_work(pk, by=by, now=now)


def end_work(pk: int, *, by: User | None, now: datetime) -> Leaver:
    """End somebody's work here, in the name of the owner who decided it, perhaps earlier (`planned_leaves`).

    Raises:
        NotStaff: they have left already.
        LastOwner: nobody would be left to run the clinic.
        StillHasWork: visits or other work are still theirs.
    """
    with transaction.atomic():
        lock_people()
        user = lock_staff(pk)[pk]
        if is_last_owner(user):
            raise LastOwner(f"{user} is the only owner who can sign in. Make somebody else an owner first.")
        held = sorted(roles_of(user))
        for duty in _DUTIES:
            duty.lock(user)
        if still := open_duties(user, now):
            raise StillHasWork(still)
        ended = [sentence for duty in _DUTIES for sentence in duty.end(user, now)]
        ended += _end_ways_in(user, now)
        row = Leaver.objects.create(user=user, left_at=now, ended_by=by, roles=held, ended=ended)
        PlannedLeave.objects.open().filter(user=user).update(done_at=now)
        tell_leaver(user)
    return row


def come_back(pk: int, *, by: User, now: datetime) -> User:
    """Undo a leave: the roles come back, and nothing else. They enrol anew by a link that is sent with it.

    Raises:
        Leaver.DoesNotExist: nobody of that number left, or they came back already.
        NotStaff: `by` cannot send that link.
    """
    with transaction.atomic():
        row = Leaver.objects.select_for_update(of=("self",)).select_related("user").get(user_id=pk, undone_at=None)
        user = row.user
        user.is_active = user.is_staff = True
        user.save(update_fields=["is_active", "is_staff"])
        user.groups.add(*(Group.objects.get_or_create(name=role)[0] for role in row.roles))
        row.undone_at = now
        row.save(update_fields=["undone_at"])
        recovery.reset(pk, by=by, now=now)
    return user


def _end_ways_in(user: User, now: datetime) -> list[str]:
    factors = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    Authenticator.objects.filter(user=user).delete()
    sessions = end_sessions(user)
    Recovery.objects.pending().filter(user=user).update(ended_at=now)
    sent = Invitation.objects.pending().filter(invited_by=user).update(revoked_at=now)
    Invitation.objects.pending().filter(Q(user=user) | Q(email__iexact=user.email)).update(revoked_at=now)
    roles = [Role(name).label for name in user.groups.values_list("name", flat=True) if name in set(Role)]
    user.groups.clear()
    user.is_active = user.is_superuser = False
    user.save(update_fields=["is_active", "is_superuser"])
    said = [f"Roles ended: {', '.join(roles)}."] if roles else []
    said += [f"Signed out on {sessions} device{pluralize(sessions)}."] if sessions else []
    said += [f"{factors} passkey{pluralize(factors)} or app removed."] if factors else []
    return said + ([f"{sent} invitation{pluralize(sent)} withdrawn."] if sent else [])
