"""Find a patient at the desk: by what the record says, or by a visit's reference."""

from __future__ import annotations

import re

from django.db.models import Value
from django.db.models.functions import Concat

from bookings.visits.access import Reader, known_to
from bookings.visits.models import Appointment
from clinic.patients import search
from clinic.patients.models import Patient, PatientQuerySet
from clinic.patients.references import REFERENCE


def found(text: str, reader: Reader) -> PatientQuerySet:
    """Patients who answer to everything in `text`, alphabetically; those of one visit if it is that visit's reference.

    Only those whose record `reader` may open.
    """
    written = text.strip().upper()
    if re.fullmatch(REFERENCE, written):
        whose = Appointment.objects.visits().filter(reference=written).values_list("patient", flat=True).first()
        if whose:
            return sorted_by_name(known_to(reader, Patient.objects.filter(pk=whose)))
    return sorted_by_name(known_to(reader, search.matching(text)))


def sorted_by_name(patients: PatientQuerySet) -> PatientQuerySet:
    """In the order of their folded names, sorted once they are found.

    Left to itself PostgreSQL walks the index of names until it has met enough that fit: past everybody, for a Zoe.
    """
    return patients.order_by(Concat("name_key", Value("")), "pk")
