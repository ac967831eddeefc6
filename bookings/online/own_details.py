"""Change what a record says, as its own patient, and tell the address that it had before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from clinic.accounts.models import User
from clinic.accounts.signing_in import notices
from clinic.patients.corrections import correct
from clinic.patients.history import LABELS
from clinic.patients.models import Patient


def change(patient: Patient, *, seen: str, details: dict[str, Any], by: User, about: str, now: datetime) -> list[str]:
    """Write `details` to the record that a page showed as `seen`; gives the labels of what was changed.

    `about` is the `User-Agent` of who changed it.

    Raises:
        ChangedMeanwhile, KnownAlready: as for `correct`.
    """
    with transaction.atomic():
        before = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        after = correct(patient=patient, seen=seen, details=details)
        changed = [LABELS[name].lower() for name in details if str(getattr(before, name)) != str(getattr(after, name))]
        told = before.email or by.email
        if changed:
            context = {"changed": changed, "user_agent": about}
            notices.tell(by, "patients/email/details_changed", context, to=told, now=now)
    return changed
