"""Change what a record says, as its own patient, and tell the address that it had before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from bookings.visits.links import correct_details
from clinic.accounts.models import User
from clinic.accounts.proved_addresses import proved_addresses
from clinic.accounts.signing_in import letters, notices
from clinic.patients.history import LABELS
from clinic.patients.models import JoinNotice, Patient, PatientAccess

LETTER = "patients/email/details_changed"


def change(patient: Patient, *, seen: str, details: dict[str, Any], by: User, about: str, now: datetime) -> list[str]:
    """Write `details` to the record that a page showed as `seen`; gives the labels of what was changed.

    `about` is the `User-Agent` of who changed it.

    Raises:
        ChangedMeanwhile, KnownAlready: as for `correct`.
    """
    with transaction.atomic():
        before, after = correct_details(patient=patient, seen=seen, details=details, now=now)
        changed = [LABELS[name].lower() for name in details if str(getattr(before, name)) != str(getattr(after, name))]
        told = before.email or by.email
        if changed:
            context = {"changed": changed, "user_agent": about}
            _tell(patient, context, to=told, by=by, now=now)
    return changed


def _tell(patient: Patient, context: dict[str, Any], *, to: str, by: User, now: datetime) -> None:
    """To an address that was never the account's, "This wasn't me" parts the two: it has no say over the account."""
    if to.lower() in {*proved_addresses(by), by.email.lower()}:
        notices.tell(by, LETTER, context, to=to, now=now)
        return
    access = PatientAccess.objects.filter(patient=patient, user=by).live(now).own().get()
    notice, _ = JoinNotice.objects.get_or_create(access=access)
    link = f"{settings.SITE_URL}/not-me/{notice.link_token}/"
    letters.send(LETTER, to, {"timestamp": now, **context, "not_me": link})
