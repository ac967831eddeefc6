"""The patient's copy: made once, when it is signed, sealed, and known again by its digest."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from clinic.core.formats import full_time, written_date
from clinic.core.models import ClinicSettings
from clinic.records.consent.drawing import svg_of
from clinic.records.consent.models import ConsentCopy, ConsentGrant, Method, Scope
from clinic.records.consent_texts.content import in_pdf
from clinic.records.documents.pdf import pdf_of
from clinic.records.entries.keys import Reads, sealer_of
from clinic.records.entries.models import Entry


def keep(grant: ConsentGrant, entry: Entry, body: dict[str, Any]) -> ConsentCopy:
    """Make it of what has just been signed, in the same transaction."""
    made = pdf_of("consent", _data(grant, entry, body), dated=entry.recorded_at)
    copy = ConsentCopy(entry=entry, patient=grant.patient, sha256=sha256(made).hexdigest())
    sealer_of(grant.patient).put(copy, "pdf", b64encode(made).decode())
    copy.save(force_insert=True)
    return copy


def pdf_in(copy: ConsentCopy, opened: Reads) -> bytes:
    return b64decode(opened.text(copy, "pdf"))


def is_ours(file: bytes, patients: Iterable[int]) -> ConsentCopy | None:
    """The copy that this file is, to the last byte, among those of these records."""
    rows = ConsentCopy.objects.filter(patient__in=patients, sha256=sha256(file).hexdigest())
    return rows.select_related("entry").first()


def _data(grant: ConsentGrant, entry: Entry, body: dict[str, Any]) -> dict[str, Any]:
    text, signature = body["text"], body["signature"]
    signed_on = full_time(entry.recorded_at)
    return {
        "title": f"Your copy of what you signed on {written_date(grant.granted_on)}",
        "heading": text["title"],
        "clinic": ClinicSettings.load().name,
        "warning": text["note"],
        "footer": f"Entry {entry.number}, {entry.digest.hex()[:16]}",
        "facts": _facts(grant, body),
        "blocks": in_pdf(text),
        "risks": body["risks"],
        "statements": body["statements"],
        "remarks": body["remarks"],
        "signed": [
            ["Signed", f"{Method(grant.method).label} on {body['device']}, {signed_on}"],
            ["Name", signature["name"]],
            *([["Witness", body["witness"]]] if body["witness"] else []),
            ["Entry", str(entry.number)],
            ["Digest", entry.digest.hex()],
        ],
        "drawing": svg_of(signature["strokes"]) if signature["strokes"] else "",
    }


def _facts(grant: ConsentGrant, body: dict[str, Any]) -> list[list[str]]:
    patient = grant.patient
    born = [["Born", written_date(patient.date_of_birth)]] if patient.date_of_birth else []
    helped = [["With the help of", body["helper"]]] if body["helper"] else []
    return [
        ["For", patient.full_name],
        *born,
        ["Treatment", str(grant.treatment)],
        ["Asked by", grant.asked_by.name],
        ["Text given", full_time(grant.information_given_at)],
        ["Holds for", _holds_for(grant)],
        ["Language", body["language"]],
        *helped,
        ["Version of the text", str(body["version"])],
    ]


def _holds_for(grant: ConsentGrant) -> str:
    until = f"until {written_date(grant.expires_on)} at the latest"
    if grant.scope == Scope.COURSE:
        return f"{grant.visits_allowed} visits, {until}"
    return f"one visit, {until}" if grant.scope == Scope.VISIT else until
