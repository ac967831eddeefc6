"""Join a record to an account, and part the two."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from clinic.accounts.models import User
from clinic.core.errors import broken_constraint
from clinic.patients.models import Patient, PatientAccess

JOINED_ALREADY = {
    "one_live_access_of_an_account_to_a_record",
    "an_account_is_one_patient",
    "a_patient_has_one_account",
}


def join(patient: Patient, user: int, *, source: str, now: datetime, evidence: str = "") -> PatientAccess | None:
    """Let the account `user` open this record as its own; None where either belongs to another already."""
    try:
        with transaction.atomic():
            return PatientAccess.objects.create(
                patient=patient, user_id=user, source=source, evidence=evidence, starts_at=now
            )
    except IntegrityError as error:
        if broken_constraint(error) not in JOINED_ALREADY:
            raise
        return None


def part(access: PatientAccess, *, by: User | None, now: datetime) -> bool:
    """End it from this moment on. False if it had been ended already, whose day and name then stay."""
    live = PatientAccess.objects.filter(pk=access.pk, revoked_at=None)
    return live.update(revoked_at=now, revoked_by=by) == 1
