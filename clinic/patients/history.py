"""What was corrected in a patient's record, read from the audit trail that the database's triggers write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from phonenumber_field.phonenumber import PhoneNumber

from clinic.accounts.audit import names_of, who_did
from clinic.core.formats import written_date
from clinic.core.sealing.fields import shown
from clinic.patients.corrections import SEALED
from clinic.patients.models import Patient

LABELS = {
    "full_name": "Name",
    "date_of_birth": "Date of birth",
    "email": "Email",
    "phone": "Telephone",
    "contact_by": "Reminders by",
    "letter_format": "Emails as",
    "access_needs": "Access needs",
    "contact_note": "How to contact",
}
CHOICES = {"contact_by": dict(Patient.Channel.choices), "letter_format": dict(Patient.LetterFormat.choices)}


@dataclass(frozen=True, slots=True)
class Change:
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Correction:
    """`at` is aware; `who` is a member of staff's name, or what acted instead."""

    at: datetime
    who: str
    changes: list[Change]


def corrections(patient: Patient) -> list[Correction]:
    """Every change of what the record says, latest first. Two statements."""
    events = list(patient.events.select_related("pgh_context").order_by("pgh_id"))  # type: ignore[attr-defined]
    names = names_of(events)
    found = []
    for before, after in pairwise(events):
        if changes := list(_changes(before, after)):
            found.append(Correction(after.pgh_created_at, who_did(after, names), changes))
    return found[::-1]


def _changes(before: Any, after: Any) -> Iterator[Change]:
    for name, label in LABELS.items():
        if vars(before)[name] == vars(after)[name]:  # what is sealed is opened only where it changed
            continue
        was, now_is = (shown(event, name) if name in SEALED else getattr(event, name) for event in (before, after))
        if was != now_is:
            yield Change(label, _written(name, was), _written(name, now_is))


def _written(name: str, value: Any) -> str:
    if not value:
        return "none"
    if name == "date_of_birth":
        return written_date(value)
    if isinstance(value, PhoneNumber):
        return str(value.as_national)
    return str(CHOICES.get(name, {}).get(value, value))
