"""Act on "This wasn't me" about an account: end what it may have let in, and tell the clinic."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q

from clinic.accounts.models import AccountNotice, User
from clinic.accounts.proved_addresses import proved_addresses
from clinic.accounts.signing_in import letters
from clinic.core.models import ClinicSettings
from clinic.patients.joining import part
from clinic.patients.models import AccessInvitation, PatientAccess
from clinic.staff.people import owners
from clinic.staff.sessions import end_sessions

GIVEN_LATELY = timedelta(hours=24)


def account_notice_for(token: str, now: datetime) -> AccountNotice | None:
    """The notice whose letter holds this link, while the link is good."""
    return AccountNotice.objects.live(now).for_link(token).select_related("user").first()


def dispute(notice: AccountNotice, now: datetime) -> None:
    """End sessions, password, and what the account was given or gave in the last day. Twice keeps the first.

    Where the address that was told is no longer the account's, the account takes no sign-in until staff open it again:
    but for the only owner's, which nobody could open again.
    """
    with transaction.atomic():
        kept = AccountNotice.objects.select_for_update(of=("self",)).select_related("user").get(pk=notice.pk)
        if kept.disputed_at:
            return
        user = User.objects.select_for_update(no_key=True).get(pk=kept.user_id)
        end_sessions(user)
        _end_given_lately(user, now)
        is_former = kept.email.lower() not in {*proved_addresses(user), user.email.lower()}
        kept.closed_account = is_former and list(owners()) != [user]
        if kept.closed_account:
            user.is_active = False
            user.save(update_fields=["is_active"])
        kept.disputed_at = now
        kept.save(update_fields=["disputed_at", "closed_account"])
        _tell(user)


def _end_given_lately(user: User, now: datetime) -> None:
    since = now - GIVEN_LATELY
    own = PatientAccess.objects.filter(user=user).live(now).own().values("patient")
    theirs = Q(user=user) | Q(patient__in=own, kind=PatientAccess.Kind.CARER)
    lately_asked = AccessInvitation.objects.pending().filter(invited_by=user, invited_at__gte=since)
    lately_asked.update(revoked_at=now)  # first: it waits for whoever accepts just now
    for access in PatientAccess.objects.filter(theirs, starts_at__gte=since, revoked_at=None):
        part(access, by=None, now=now)
    lately = Authenticator.objects.filter(user=user, created_at__gte=since)
    if not user.is_staff or Authenticator.objects.filter(user=user, created_at__lt=since).exists():
        lately.delete()  # the only one of staff stays: without it whoever reads the mailbox could set up their own


def _tell(user: User) -> None:
    """The clinic's address; for someone who works there every owner, who alone can help them."""
    clinic = ClinicSettings.load().email
    to = [owner.email for owner in owners()] if user.is_staff else []
    for address in dict.fromkeys(filter(None, (clinic, *to))):
        letters.send("accounts/email/disputed", address, {"person": user})
