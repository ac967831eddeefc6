"""A nurse at work, and patients whose visits she writes about."""

from __future__ import annotations

from django.test import Client

from benchmarks.portal import people
from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.records.entries.models import Kind
from clinic.records.entries.signing import Author, add_entry

TEXT = "Skin calm, no redness. Spoke about sleep, sun and what to leave out for a week. " * 4


def of_nurse(number: int) -> tuple[list[Appointment], Client]:
    """Visits of one patient, the newest first, and the browser of the nurse who has seen them."""
    user, client = people.at_work("practitioner")
    visits = people.visits(people.patient(), number)[1:]
    person = visits[0].practitioner
    person.user = user
    person.save(update_fields=["user"])
    return visits, client


def sign_notes(visits: list[Appointment], each: int) -> None:
    """So many signed notes of each visit."""
    author = Author.staff(_nurse_of(visits[0]))
    for visit in reversed(visits):
        for n in range(each):
            add_entry(
                patient=visit.patient,  # type: ignore[arg-type]  # these visits have one
                kind=Kind.NOTE,
                body={"text": f"{n} {TEXT}"},
                author=author,
                occurred_at=visit.starts_at,
                visit=visit,
            )


def _nurse_of(visit: Appointment) -> User:
    user = visit.practitioner.user
    if user is None:
        raise ValueError("This diary is nobody's.")
    return user
