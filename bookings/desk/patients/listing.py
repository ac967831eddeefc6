"""The list of patients as the desk reads it: a page of names with the next and the last visit of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from bookings.desk.patients.search import found
from bookings.visits.access import Reader, known_to, todays_visits, visits_of
from bookings.visits.models.appointment import AppointmentQuerySet
from clinic.patients.models import Patient, PatientQuerySet

PAGE = 25
LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class VisitLine:
    """`starts_at` is aware."""

    reference: str
    starts_at: datetime
    treatment: str


@dataclass(frozen=True, slots=True)
class Row:
    patient: Patient
    next_visit: VisitLine | None
    last_visit: VisitLine | None


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is the reference of the last row if more follow, else empty."""

    rows: list[Row]
    after: str


def page(
    *, text: str, now: datetime, reader: Reader, after: str = "", letter: str = "", of_today: bool = False
) -> Page:
    """Patients found by `text`, or all (or those who come today) from `letter` on; those that follow the patient `after`.

    One statement. Only those whose record `reader` may open, and of their visits those that they may open.
    """
    patients = found(text, reader) if text else known_to(reader, Patient.objects.current()).order_by("name_key", "pk")
    if of_today and not text:
        patients = patients.filter(Exists(todays_visits(reader, now).filter(patient=OuterRef("pk"))))
    if letter and not text:
        patients = patients.filter(name_key__gte=letter.lower())
    if after:
        patients = _following(patients, after)
    rows = [_row(one) for one in _with_visits(patients, now, reader)[: PAGE + 1]]
    is_more = len(rows) > PAGE
    return Page(rows[:PAGE], rows[PAGE - 1].patient.reference if is_more else "")


def _following(patients: PatientQuerySet, after: str) -> PatientQuerySet:
    """By key, so that the thousandth page costs what the first does. One statement, for the key."""
    key = Patient.objects.filter(reference=after).values_list("name_key", "pk").first()
    if key is None:
        return patients
    return patients.filter(Q(name_key__gt=key[0]) | Q(name_key=key[0], pk__gt=key[1]), name_key__gte=key[0])


def _with_visits(patients: PatientQuerySet, now: datetime, reader: Reader) -> PatientQuerySet:
    own = visits_of(reader).filter(patient=OuterRef("pk"))
    coming = own.upcoming(now).order_by("during")
    past = own.standing().filter(during__startswith__lte=now).order_by("-during")
    return patients.annotate(next_visit=_line(coming), last_visit=_line(past))


def _line(visits: AppointmentQuerySet) -> Subquery:
    line = JSONObject(reference=F("reference"), starts_at=F("during__startswith"), treatment=F("treatment__name"))
    return Subquery(visits.values(line=line)[:1])


def _row(patient: Any) -> Row:
    return Row(patient, _read(patient.next_visit), _read(patient.last_visit))


def _read(line: dict[str, str] | None) -> VisitLine | None:
    if line is None:
        return None
    return VisitLine(line["reference"], datetime.fromisoformat(line["starts_at"]), line["treatment"])
