"""Invite someone to work here; accept by the link that was sent to their address, and give roles when they have enrolled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q

from clinic.accounts.models import User
from clinic.accounts.rights import Role
from clinic.core.errors import DomainError
from clinic.practitioners.models import Practitioner
from clinic.staff.mail import send_invitation
from clinic.staff.models import INVITATION_LASTS, Enrolment, Invitation, Leaver, Recovery
from clinic.staff.people import lock_people
from clinic.staff.sessions import end_sessions


class WorksHereAlready(DomainError):
    """The address belongs to a member of staff."""

    code = "works_here_already"


class ProfileTaken(DomainError):
    """The profile belongs to somebody's account."""

    code = "profile_taken"


class InvitationOver(DomainError):
    """Accepted, withdrawn or run out."""

    code = "invitation_over"


def invite(
    *, email: str, roles: Iterable[str], practitioner: Practitioner | None, by: User, now: datetime
) -> Invitation:
    """Invite an address, or give the invitation that it has already these roles and a new link.

    Raises:
        WorksHereAlready: the address is that of someone who works here.
        ProfileTaken: the profile belongs to somebody, or is promised to another address.
    """
    works_here = Q(groups__isnull=False) | Q(is_superuser=True)
    if User.objects.filter(works_here, email__iexact=email, is_active=True, is_staff=True).exists():
        raise WorksHereAlready("This person works here already. Change their roles instead.")
    if practitioner and practitioner.user_id:
        raise ProfileTaken(f"{practitioner} signs in already. Choose another profile, or none.")
    with transaction.atomic():
        lock_people()
        waiting = Invitation.objects.pending()
        promised = waiting.exclude(email__iexact=email).filter(practitioner=practitioner) if practitioner else None
        if promised and (other := promised.first()):
            raise ProfileTaken(f"{practitioner} is promised to {other.email}. Withdraw that invitation first.")
        pending = waiting.filter(email__iexact=email)
        invitation = pending.select_for_update().first() or Invitation(email=email.strip().lower())
        invitation.roles = sorted(set(roles))
        invitation.practitioner, invitation.invited_by = practitioner, by
        _renew(invitation, now)
    return invitation


def send_again(pk: int, *, by: User, now: datetime) -> Invitation:
    """Send a new link for another seven days; the old one opens nothing.

    Raises:
        InvitationOver: it was accepted or withdrawn meanwhile.
    """
    with transaction.atomic():
        invitation = _pending(pk)
        invitation.invited_by = by
        _renew(invitation, now)
    return invitation


def withdraw(pk: int, now: datetime) -> Invitation:
    """Withdraw an invitation: its link opens nothing from now on. Whoever answered it already is no staff any more.

    Raises:
        InvitationOver: it was accepted or withdrawn meanwhile.
    """
    with transaction.atomic():
        lock_people()
        invitation = _pending(pk)
        invitation.revoked_at = now
        invitation.save(update_fields=["revoked_at"])
        enrolling = User.objects.filter(invitations=invitation, groups=None, is_superuser=False)
        enrolling.update(is_staff=False)  # a patient who was invited goes on as one
    return invitation


def answer(invitation: Invitation, *, name: str, now: datetime) -> User:
    """Make the account of the invited address, or take the one that is there; no role is given yet.

    An account that was there loses its password, since staff sign in without one, and ends its sessions, which are as
    long as a patient's. What somebody did in an earlier time here, they do again.

    Raises:
        InvitationOver: it was accepted, withdrawn, replaced or ran out meanwhile.
    """
    with transaction.atomic():
        lock_people()
        locked = _pending(invitation.pk)
        if not locked.is_open(now) or bytes(locked.link_digest) != bytes(invitation.link_digest):
            raise InvitationOver("This invitation has run out. Ask for a new one.")
        user = User.objects.select_for_update().filter(email__iexact=locked.email).first() or User(email=locked.email)
        user.name, user.is_staff, user.is_active = name, True, True
        user.save()
        EmailAddress.objects.update_or_create(
            user=user, email__iexact=user.email, defaults={"email": user.email, "verified": True, "primary": True}
        )
        if locked.user_id != user.pk:
            end_sessions(user)
            Enrolment.objects.update_or_create(user=user, defaults={"codes_kept_at": None, "agreed_at": None})
            Leaver.objects.filter(user=user, undone_at=None).update(undone_at=now)
            Recovery.objects.pending().filter(user=user).update(ended_at=now)
        locked.user = user
        locked.save(update_fields=["user"])
    return user


def give_roles(user: User, now: datetime) -> None:
    """Accept the pending invitation of `user`, giving them its roles and its profile.

    Call it inside a transaction.

    Raises:
        InvitationOver: it was withdrawn or ran out meanwhile, and they hold no role yet.
    """
    invitation = Invitation.objects.pending().select_for_update().filter(user=user).order_by("-pk").first()
    if invitation is None:
        if not user.groups.exists() and not user.is_superuser:
            raise InvitationOver("Your invitation was withdrawn. Ask whoever runs the clinic.")
        return
    if not invitation.is_open(now):
        raise InvitationOver("Your invitation has run out. Ask whoever runs the clinic to send it again.")
    user.groups.add(*(Group.objects.get_or_create(name=Role(role).value)[0] for role in invitation.roles))
    if invitation.practitioner and invitation.practitioner.user_id is None:
        Practitioner.objects.filter(user=user).update(user=None)  # of an earlier time here
        Practitioner.objects.filter(pk=invitation.practitioner.pk, user=None).update(user=user)
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])


def _pending(pk: int) -> Invitation:
    invitation = Invitation.objects.pending().select_for_update().filter(pk=pk).first()
    if invitation is None:
        raise InvitationOver("This invitation was accepted or withdrawn meanwhile.")
    return invitation


def _renew(invitation: Invitation, now: datetime) -> None:
    invitation.invited_at, invitation.expires_at = now, now + INVITATION_LASTS
    invitation.revoke_link()
    invitation.save()
    send_invitation(invitation)
