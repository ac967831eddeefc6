"""Make sure that a record is what was signed: numbers, digests, typed rows. By one bad byte an entry is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from clinic.core.sealing.keyring import Unreadable
from clinic.records.entries.canonical import columns_of, digest_of
from clinic.records.entries.keys import Opener
from clinic.records.entries.models import Entry, RecordKey
from clinic.records.entries.models.key import NO_DIGEST
from clinic.records.entries.signing import digested

BATCH = 500


def faults(patients: models.QuerySet[RecordKey] | None = None) -> Iterator[str]:
    """A sentence for each thing that is not as it was signed; nothing of what is written is told."""
    keys = RecordKey.objects.all() if patients is None else patients
    for key in keys.order_by("patient_id").iterator(BATCH):
        yield from _of_record(key)


def _of_record(key: RecordKey) -> Iterator[str]:
    try:
        opener = Opener(key)
    except Unreadable as error:
        yield f"Record {key.reference}: {error}"
        return
    number, digest = 0, NO_DIGEST
    for entry in Entry.objects.filter(patient=key.patient_id).order_by("number").iterator(BATCH):
        number += 1
        if entry.number != number or bytes(entry.prev_digest) != digest:
            yield f"Record {key.reference}: entry {entry.number} does not follow the one before."
            number = entry.number
        digest = bytes(entry.digest)
        if fault := _of_entry(entry, opener):
            yield f"Record {key.reference}: entry {entry.number} {fault}"
    if (key.head_number, bytes(key.head_digest)) != (number, digest):
        yield f"Record {key.reference}: it does not end with the entry that was written last."


def _of_entry(entry: Entry, opener: Opener) -> str:
    try:
        text = opener.text(entry, "body")
    except Unreadable:
        return "does not open."
    if digest_of(digested(entry), text) != bytes(entry.digest):
        return "is not what was signed."
    wrong = [row["table"] for row in json.loads(text)["rows"] if not _is_as_signed(entry, row)]
    return f"was signed with other values in {', '.join(wrong)}." if wrong else ""


def _is_as_signed(entry: Entry, row: dict[str, Any]) -> bool:
    """Compare the columns of a typed row with those that the body repeats; a column that came later is none of them."""
    signed = {name: value for name, value in row.items() if name != "table"}
    model = _typed_models().get(row["table"])
    if model is None:
        return False
    name = model._meta.pk.attname  # noqa: SLF001 -- Django's documented interface
    found = model._base_manager.filter(pk=signed[name], entry=entry).first()  # noqa: SLF001 -- its public name
    columns = json.loads(json.dumps(columns_of(found))) if found else {}
    return all(name in columns and columns[name] == value for name, value in signed.items())


def _typed_models() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_app_config("records").get_models()}  # noqa: SLF001
