"""The `fhir.json` of a copy: a Bundle of FHIR R4, made of plain dicts, one resource in memory at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import IO
from uuid import uuid4

from clinic.core.models import ClinicSettings
from clinic.core.personal import fhir, registry
from clinic.core.personal.vocabulary import Person
from clinic.patients.models import Patient
from clinic.privacy.fhir.patient import patient_resource


def write_bundle(file: IO[bytes], person: Person, now: datetime, digest: str) -> None:
    """A Bundle of FHIR R4, resource by resource, and at its end the Provenance: whence it comes, and from what."""
    file.write(
        f'{{"resourceType": "Bundle", "type": "collection", "timestamp": "{fhir.instant(now)}", "entry": ['.encode()
    )
    targets = []
    for number, resource in enumerate(_resources(person)):
        targets.append(fhir.refer(resource["id"]))
        file.write(f"{',' if number else ''}\n{json.dumps(fhir.entry(resource), ensure_ascii=False)}".encode())
    if targets:
        file.write(f",\n{json.dumps(fhir.entry(_provenance(targets, now, digest)), ensure_ascii=False)}".encode())
    file.write(b"]}\n")


def _resources(person: Person) -> Iterator[fhir.Resource]:
    patient = Patient.objects.filter(pk__in=person.patients, merged_into=None).first()
    if patient is None:
        return
    yield (known := patient_resource(patient))
    for keeper in registry.keepers():
        yield from keeper.resources(person, known["id"])


def _provenance(targets: list[fhir.Resource], now: datetime, digest: str) -> fhir.Resource:
    what = {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:sha256:{digest}"}, "display": "record.json"}
    return {
        "resourceType": "Provenance",
        "id": str(uuid4()),
        "target": targets,
        "recorded": fhir.instant(now),
        "agent": [{"who": {"display": ClinicSettings.load().name}}],
        "entity": [{"role": "source", "what": what}],
    }
