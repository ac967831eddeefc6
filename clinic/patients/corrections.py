"""Put right what a patient's record says, unless someone else did so since it was shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction

from clinic.core.errors import DomainError, broken_constraint
from clinic.core.sealing.fields import readable
from clinic.patients.models import Patient

DETAILS = ("full_name", "date_of_birth", "email", "phone", "contact_by", "access_needs", "contact_note")
STATED = (*DETAILS, "letter_format")
SEALED = ("access_needs", "contact_note")
ONE_RECORD = "one_record_for_each_patient"


class ChangedMeanwhile(DomainError):
    code = "stale"


class KnownAlready(DomainError):
    """`other` is the record that says the same of the same person."""

    code = "known_already"

    def __init__(self, other: Patient | None) -> None:
        super().__init__("There is another record with this name, birthday and address: merge the two instead.")
        self.other = other


def digest(patient: Patient) -> str:
    """Tell one state of a record's details from another, on a page that shows them."""
    said = "\x1f".join(readable(patient, name) for name in STATED)
    return sha256(said.encode()).hexdigest()[:16]


def as_filled_in(patient: Patient, names: Iterable[str]) -> dict[str, Any]:
    """What a form of a record's details begins with; empty where a sealed one cannot be read now."""
    filled = {name: readable(patient, name) if name in SEALED else getattr(patient, name) for name in names}
    return filled | {"phone": patient.phone.as_national if patient.phone else "", "seen": digest(patient)}


def correct(*, patient: Patient, seen: str, details: dict[str, Any]) -> Patient:
    """Write `details`, some of what is `STATED`, to the record that a page showed as `seen`.

    The same once more changes nothing.

    Raises:
        ChangedMeanwhile: it says something else since. KnownAlready: another record is of this very person.
    """
    with transaction.atomic():
        kept = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        if kept.merged_into_id:
            raise ChangedMeanwhile("This record was merged into another meanwhile.")
        before = digest(kept)
        for name, value in details.items():
            if str(value) != readable(kept, name):  # so that an empty box takes away nothing that cannot be read now
                setattr(kept, name, value)
        if digest(kept) == before:
            return kept
        if before != seen:
            raise ChangedMeanwhile("This record was changed meanwhile. Please look at it before you change it.")
        _save(kept, list(details))
    return kept


def _save(patient: Patient, names: list[str]) -> None:
    try:
        with transaction.atomic():
            patient.save(update_fields=names)
    except IntegrityError as error:
        if broken_constraint(error) != ONE_RECORD:
            raise
        raise KnownAlready(_same(patient, patient.date_of_birth)) from error


def _same(patient: Patient, born: date | None) -> Patient | None:
    found = Patient.objects.same_person(
        full_name=patient.full_name, email=patient.email, phone=str(patient.phone), date_of_birth=born
    )
    return found.exclude(pk=patient.pk).first()
