"""Who a patient or an account is: their records, their account, their addresses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from clinic.accounts.models import User
from clinic.core.personal import registry
from clinic.core.personal.vocabulary import Person
from clinic.patients.models import Patient, PatientAccess
from clinic.privacy.models import LimitedRecord


def own_record(account: User, now: datetime) -> Patient | None:
    """The record of the person who signs in; never that of someone they help."""
    return PatientAccess.objects.filter(user=account).live(now).own().patients().remaining().first()


def own_account(patient: Patient) -> User | None:
    """The account that opens the record as its patient; of a merged record the one of that which remained."""
    heir = patient.merged_into_id or patient.pk
    access = PatientAccess.objects.filter(patient=heir, revoked_at=None).own().select_related("user").first()
    return access.user if access else None


def limited_among(patients: Iterable[int | None]) -> set[int]:
    """Those whose record is of limited use now. `bookings.visits.access.limited` says the same to the database."""
    rows = LimitedRecord.objects.filter(patient__in=[one for one in patients if one])
    return {row.pk for row in rows if row.until is None or not _came_back(row)}


def _came_back(row: LimitedRecord) -> bool:
    return any(keeper.came_back(row.pk, row.since) for keeper in registry.keepers())


def person_of(*, patient: Patient | None = None, account: User | None = None) -> Person:
    """Everything that is one person's. An account of staff is not given up with a record."""
    if patient and account is None:
        account = own_account(patient)
    records = [patient, *patient.merged_records.all()] if patient else []
    emails = [account.email] if account else []
    return Person(
        patients=tuple(sorted(one.pk for one in records)),
        account=account.pk if account and not account.is_staff else None,
        emails=tuple(dict.fromkeys(email.lower() for email in emails)),
    )
