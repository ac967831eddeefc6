"""Join an account to a record by claim, tell the record's address, and part the two when it says "This wasn't me"."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.messages.planning.records import access_notices
from clinic.accounts.models import User
from clinic.accounts.signing_in import notices
from clinic.patients import claims
from clinic.patients.helping import invitations
from clinic.patients.joining import part
from clinic.patients.models import JoinNotice, PatientAccess


def claim(said: claims.Claim, *, user: User, address: str, now: datetime) -> PatientAccess | None:
    """As `claims.claim`; what was joined is told in the same transaction."""
    with transaction.atomic():
        access = claims.claim(said, user=user, address=address, now=now)
        if access:
            access_notices.plan_joined(access, now)
    return access


def accept(pk: int, *, user: User, about: str, now: datetime) -> PatientAccess:
    """As `invitations.accept`; the record's address and the account are told in the same transaction.

    `about` is the `User-Agent` of who accepts.
    """
    with transaction.atomic():
        access = invitations.accept(pk, user=user, now=now)
        if access_notices.plan_joined(access, now) or not access.patient.email:
            context = {"access": access, "user_agent": about}
            notices.tell(user, "patients/email/helping", context, to=user.email, now=now)
    return access


def notice_for(token: str) -> JoinNotice | None:
    """The notice whose letter holds this link."""
    return JoinNotice.objects.for_link(token).select_related("access__patient").first()


def dispute(notice: JoinNotice, now: datetime) -> None:
    """End the access, and what it let in, at once and put it before the desk. Twice keeps the first."""
    with transaction.atomic():
        kept = JoinNotice.objects.select_for_update().select_related("access").get(pk=notice.pk)
        if kept.disputed_at:
            return
        part(kept.access, by=None, now=now)
        if kept.access.kind == PatientAccess.Kind.SELF:
            invitations.end_given_by(kept.access, now)
        kept.disputed_at = now
        kept.save(update_fields=["disputed_at"])
        access_notices.plan_disputed(kept, now)
