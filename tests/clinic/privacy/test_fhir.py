"""`fhir.json` is what other programs read of a copy: FHIR R4, checked against what R4 requires of each resource."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine

from bookings.visits.fhir import STATUSES
from bookings.visits.models.statuses import Status
from clinic.privacy import archive
from clinic.privacy.people import person_of
from tests.bookings.moments import NOW
from tests.clinic.privacy.someone import someone
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
# What R4 (hl7.org/fhir/R4) says must be there, and what else it knows of what we write.
REQUIRED = {
    "Patient": {"resourceType", "id"},
    "Practitioner": {"resourceType", "id"},
    "Appointment": {"resourceType", "id", "status", "participant", "start", "end"},
    "Provenance": {"resourceType", "id", "target", "recorded", "agent"},
}
KNOWN = {
    "Patient": {"name", "telecom", "birthDate"},
    "Practitioner": {"name"},
    "Appointment": {"identifier", "serviceType", "minutesDuration", "created"},
    "Provenance": {"entity"},
}
APPOINTMENT_STATUSES = {"proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error",
                        "checked-in", "waitlist"}  # fmt: skip
PARTICIPATION = {"accepted", "declined", "tentative", "needs-action"}
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@pytest.fixture(autouse=True)
def _at_a_known_hour():
    with time_machine.travel(NOW, tick=False):
        yield


def files_of(person):
    file = BytesIO()
    archive.write(file, person, NOW)
    with ZipFile(file) as found:
        return {name: found.read(name) for name in found.namelist()}


def bundle_of(person):
    return json.loads(files_of(person)["fhir.json"])


def of_kind(bundle, kind):
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == kind]


def references(thing):
    if isinstance(thing, dict):
        for name, value in thing.items():
            yield from [value] if name == "reference" else references(value)
    elif isinstance(thing, list):
        for one in thing:
            yield from references(one)


def test_it_holds_the_patient_whom_they_saw_and_each_visit():
    patient, account = someone("canary", is_seen=True)
    coming = AppointmentFactory(patient=patient, status="confirmed", starts_at=NOW + timedelta(days=9))
    merged = AppointmentFactory(
        patient=PatientFactory(merged_into=patient), status="no_show", starts_at=NOW - timedelta(days=9)
    )

    files = files_of(person_of(patient=patient, account=account))
    bundle = json.loads(files["fhir.json"])

    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    names = [one["fullUrl"] for one in bundle["entry"]]
    assert len(names) == len(set(names))
    assert set(references(bundle)) <= set(names)
    for one in bundle["entry"]:
        found = one["resource"]
        kind = found["resourceType"]
        assert REQUIRED[kind] <= set(found) <= REQUIRED[kind] | KNOWN[kind], kind
        assert one["fullUrl"] == f"urn:uuid:{found['id']}"
        assert ID.fullmatch(found["id"])
    (known,) = of_kind(bundle, "Patient")
    assert known["name"] == [{"text": "canary Quill", "family": "Quill", "given": ["canary"]}]
    assert known["birthDate"] == "1980-02-29"
    assert {(one["system"], one["value"]) for one in known["telecom"]} == {
        ("email", "canary-mail@example.com"), ("phone", "+447700900321"),
    }  # fmt: skip
    visits = {one["identifier"][0]["value"]: one for one in of_kind(bundle, "Appointment")}
    assert len(visits) == 3
    assert (visits[coming.reference]["status"], visits[merged.reference]["status"]) == ("booked", "noshow")
    for visit in visits.values():
        assert visit["status"] in APPOINTMENT_STATUSES
        assert {who["status"] for who in visit["participant"]} <= PARTICIPATION
        begins, ends = (datetime.fromisoformat(visit[name]) for name in ("start", "end"))
        assert ends - begins == timedelta(minutes=visit["minutesDuration"])
        assert begins.tzinfo is not None
    (whence,) = of_kind(bundle, "Provenance")
    assert len(whence["target"]) == len(names) - 1
    digest = sha256(files["record.json"]).hexdigest()
    assert whence["entity"][0]["what"]["identifier"]["value"] == f"urn:sha256:{digest}"


def test_every_state_of_a_visit_has_one_of_theirs():
    assert set(STATUSES) == set(Status) - {Status.HELD, Status.EXPIRED}
    assert set(STATUSES.values()) <= APPOINTMENT_STATUSES


def test_a_program_knows_the_same_visit_again_and_no_row_number():
    patient, account = someone("canary", is_seen=True)
    person = person_of(patient=patient, account=account)

    first, second = (bundle_of(person) for _ in range(2))

    ids = [
        {one["id"] for kind in ("Patient", "Appointment") for one in of_kind(each, kind)} for each in (first, second)
    ]
    assert ids[0] == ids[1]
    assert not {str(patient.pk)} & ids[0]


def test_of_an_account_without_a_record_it_is_empty():
    bundle = bundle_of(person_of(account=UserFactory()))

    assert bundle["entry"] == []
