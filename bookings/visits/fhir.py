"""Visits as FHIR R4 has them: an Appointment each, and the Practitioners whom they are with."""

from __future__ import annotations

from collections.abc import Iterator

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core.personal.fhir import Resource, instant, name_of, refer
from clinic.practitioners.models import Practitioner

STATUSES = {
    Status.BOOKED: "booked",
    Status.CONFIRMED: "booked",
    Status.ARRIVED: "arrived",
    Status.IN_PROGRESS: "arrived",
    Status.COMPLETED: "fulfilled",
    Status.CANCELLED: "cancelled",
    Status.NO_SHOW: "noshow",
}
AT_A_TIME = 500


def resources(patients: tuple[int, ...], patient: str) -> Iterator[Resource]:
    """The practitioners first, then the visits by time; `patient` is the name of the Patient they belong to."""
    rows = Appointment.objects.visits().filter(patient__in=patients)
    for practitioner in Practitioner.objects.filter(pk__in=rows.order_by().values("practitioner")).order_by("pk"):
        yield {
            "resourceType": "Practitioner",
            "id": name_of(practitioner),
            "name": [{"text": practitioner.name}],
        }
    for visit in rows.with_details().order_by("during", "pk").iterator(chunk_size=AT_A_TIME):
        yield appointment(visit, patient)


def appointment(visit: Appointment, patient: str) -> Resource:
    """Without the note: it is in record.json, in the patient's own words."""
    is_confirmed = visit.status in set(STATUSES) - {Status.BOOKED, Status.CANCELLED}
    return {
        "resourceType": "Appointment",
        "id": name_of(visit),
        "identifier": [{"type": {"text": "Reference"}, "value": visit.reference}],
        "status": STATUSES[Status(visit.status)],
        "serviceType": [{"text": visit.treatment.name}],
        "start": instant(visit.starts_at),
        "end": instant(visit.ends_at),
        "minutesDuration": visit.minutes,
        "created": instant(visit.created_at),
        "participant": [
            {"actor": refer(patient), "status": "accepted" if is_confirmed else "needs-action"},
            {"actor": refer(name_of(visit.practitioner), visit.practitioner.name), "status": "accepted"},
            {"actor": {"display": visit.location.name}, "status": "accepted"},
        ],
    }
