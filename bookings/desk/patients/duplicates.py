"""Records that may be of the same person, with the reasons for thinking so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import BooleanField, Case, ExpressionWrapper, F, FloatField, Q, Value, When
from django.db.models.functions import Lower

from bookings.visits.access import Reader, known_to
from clinic.patients.models import Patient, folded

MOST, ALIKE, NAME_WEIGHS = 8, 0.2, 4.0
WEIGHTS = {"same_birthday": 3.0, "same_phone": 2.0, "same_email": 2.0, "same_first_name": 1.0}
SAID = {
    "same_first_name": "same first name",
    "same_birthday": "same date of birth",
    "same_phone": "same telephone number",
    "same_email": "same email address",
}
NEVER = Q(pk=None)


@dataclass(frozen=True, slots=True)
class Candidate:
    patient: Patient
    reasons: list[str]


def candidates(patient: Patient, reader: Reader) -> list[Candidate]:
    """The likeliest first: of one birthday with a name alike, or of one number, address or name. One statement.

    A surname may have changed, so a birthday and a first name in common are enough. Only records that `reader` may open.
    """
    same = _same(patient)
    rows = known_to(reader, Patient.objects.current()).exclude(pk=patient.pk)
    rows = rows.annotate(lower_email=Lower("email"), likeness=TrigramSimilarity("name_key", patient.name_key))
    rows = rows.filter(
        same["same_phone"]
        | same["same_email"]
        | Q(name_key=patient.name_key)
        | (same["same_birthday"] & (Q(likeness__gte=ALIKE) | same["same_first_name"]))
    ).annotate(**{name: ExpressionWrapper(given, output_field=BooleanField()) for name, given in same.items()})
    points = F("likeness") * Value(NAME_WEIGHS)
    for name, weight in WEIGHTS.items():
        points = points + Case(When(same[name], then=Value(weight)), default=Value(0.0), output_field=FloatField())
    return [Candidate(row, _reasons(row)) for row in rows.annotate(points=points).order_by("-points", "pk")[:MOST]]


def _same(patient: Patient) -> dict[str, Any]:
    first = patient.first_name
    return {
        "same_birthday": Q(date_of_birth=patient.date_of_birth) if patient.date_of_birth else NEVER,
        "same_phone": Q(phone=patient.phone) if patient.phone else NEVER,
        "same_email": Q(lower_email=patient.email.lower()) if patient.email else NEVER,
        "same_first_name": Q(name_key__startswith=folded(Value(first))) if first else NEVER,
    }


def _reasons(row: Any) -> list[str]:
    said = {name: text for name, text in SAID.items() if getattr(row, name)}
    if row.likeness == 1:
        return ["same name", *(text for name, text in said.items() if name != "same_first_name")]
    if row.likeness >= ALIKE and "same_first_name" not in said:
        return ["similar name", *said.values()]
    return list(said.values())
