"""A patient as FHIR R4 has one: what their record says now."""

from __future__ import annotations

from clinic.core.personal.fhir import Resource, name_of
from clinic.patients.models import Patient


def patient_resource(patient: Patient) -> Resource:
    """No identifier but the clinic's own; never a number of the NHS."""
    *given, family = patient.full_name.split() or [""]
    telecom = [
        {"system": system, "value": value}
        for system, value in (("email", patient.email), ("phone", str(patient.phone or "")))
        if value
    ]
    found: Resource = {
        "resourceType": "Patient",
        "id": name_of(patient),
        "name": [{"text": patient.full_name, "family": family} | ({"given": given} if given else {})],
    }
    if telecom:
        found["telecom"] = telecom
    if patient.date_of_birth:
        found["birthDate"] = patient.date_of_birth.isoformat()
    return found
