"""Ask a patient for consent, take it, confirm it on the day, and take it back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner
from clinic.records.consent import copies
from clinic.records.consent.models import (
    ConsentConfirmation,
    ConsentGrant,
    ConsentOffer,
    ConsentWithdrawal,
    Method,
    Scope,
)
from clinic.records.consent.states import confirmations, why_lapsed
from clinic.records.consent_texts.models import document_for
from clinic.records.entries.canonical import canonical
from clinic.records.entries.keys import Reads, key_of, sealer_of
from clinic.records.entries.models import Kind, RecordKey
from clinic.records.entries.signing import Author, add_entry
from clinic.records.versions.models import State

MONTHS_IT_HOLDS = 12


class NotAskedByTreater(DomainError):
    """Consent is asked for by who treats (CON-03)."""

    code = "not_asked_by_treater"


class NoText(DomainError):
    code = "no_text"


class OldVersion(DomainError):
    """The text was changed since it was shown."""

    code = "old_version"


class Signed(DomainError):
    """It was signed already; `grant` is what was."""

    code = "already_signed"

    def __init__(self, grant: ConsentGrant) -> None:
        super().__init__("This was signed already.")
        self.grant = grant


class Lapsed(DomainError):
    code = "lapsed"


@dataclass(frozen=True, slots=True)
class Details:
    """What was pointed out and how; sealed with the offer."""

    risks: Sequence[str] = ()
    language: str = "English"
    helper: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What the patient did. `strokes` if drawn, `name` as typed, `witness` if they could not sign."""

    method: Method
    name: str
    statements: Sequence[str]
    remarks: str = ""
    strokes: list[Any] = field(default_factory=list)
    witness: str = ""
    device: str = "the clinic’s screen"
    noted_by: User | None = None


def offer(
    *, visit: Appointment, by: Practitioner, details: Details, scope: Scope, visits: int | None, now: datetime
) -> ConsentOffer:
    """Ask for consent to the visit's treatment, by the text in use.

    Raises:
        NotAskedByTreater: the visit is another's. NoText: no text is in use for this treatment.
    """
    if visit.practitioner_id != by.pk or visit.patient is None:
        raise NotAskedByTreater("Consent is asked for by the one who treats.")
    document = document_for(visit.treatment)
    version = document.in_use if document else None
    if version is None:
        raise NoText("No consent text is in use for this treatment. A practitioner approves one under Forms.")
    allowed = {Scope.VISIT: 1, Scope.COURSE: visits, Scope.UNTIL: None}[scope]
    row = ConsentOffer(
        patient=visit.patient,
        visit=visit,
        treatment=visit.treatment,
        version=version,
        asked_by=by,
        information_given_at=now,
        scope=scope,
        visits_allowed=allowed,
        made_at=now,
    )
    known = {"risks": list(details.risks), "language": details.language, "helper": details.helper}
    sealer_of(visit.patient).put(row, "details", canonical(known))
    row.save(force_insert=True)
    return row


def details_of(row: ConsentOffer, opened: Reads) -> Details:
    return Details(**json.loads(opened.text(row, "details") or "{}"))


def grant(row: ConsentOffer, given: Given, details: Details, *, now: datetime) -> ConsentGrant:
    """Sign what was offered into the record, with the patient's copy.

    Raises:
        Signed: it was. OldVersion: another text is in use by now.
    """
    today = clock.today(now)
    with transaction.atomic():
        _lock(row.patient)
        if known := ConsentGrant.objects.filter(offer=row).first():
            raise Signed(known)
        row.version.refresh_from_db()
        if row.version.state != State.APPROVED:
            raise OldVersion("The text was changed meanwhile. Please read it once more.")
        typed = ConsentGrant(
            patient=row.patient,
            offer=row,
            version=row.version,
            version_digest=row.version.content_digest,
            treatment=row.treatment,
            scope=row.scope,
            visit=row.visit,
            visits_allowed=row.visits_allowed,
            granted_on=today,
            expires_on=clock.months_after(today, MONTHS_IT_HOLDS),
            asked_by=row.asked_by,
            information_given_at=row.information_given_at,
            method=given.method,
        )
        body = _body(row, given, details)
        author = Author.staff(given.noted_by) if given.noted_by else Author.patient()
        entry = add_entry(
            patient=row.patient,
            kind=Kind.CONSENT,
            body=body,
            author=author,
            occurred_at=now,
            visit=row.visit,
            typed=[typed],
        )
        copies.keep(typed, entry, body)
    return typed


def confirm(grant: ConsentGrant, *, visit: Appointment, by: User, now: datetime) -> ConsentConfirmation:
    """Note that the patient, asked at this visit, is still happy to go ahead. Twice is once.

    Raises:
        NotAskedByTreater: the visit is another's. Lapsed: the consent holds no more.
    """
    author = Author.staff(by)
    if author.practitioner is None or visit.practitioner_id != author.practitioner.pk:
        raise NotAskedByTreater("The one who treats asks.")
    try:
        with transaction.atomic():
            _lock(grant.patient)
            if known := confirmations(grant).filter(visit=visit).first():
                return known
            grant = ConsentGrant.objects.select_related("version", "withdrawal__entry").get(pk=grant.pk)
            if why := why_lapsed(grant, now, visit):
                raise Lapsed(f"{why} Ask for consent again.")
            typed = ConsentConfirmation(patient=grant.patient, grant=grant, visit=visit, asked_by=author.practitioner)
            add_entry(
                patient=grant.patient,
                kind=Kind.CONSENT_CONFIRMATION,
                body={"asked": "Still happy to go ahead?", "answer": "yes"},
                author=author,
                occurred_at=now,
                visit=visit,
                typed=[typed],
            )
    except IntegrityError as error:
        raise Lapsed("It was withdrawn or used up meanwhile. Ask for consent again.") from error
    return typed


def withdraw(
    grant: ConsentGrant, *, by: User | None, said: str, now: datetime, visit: Appointment | None = None
) -> ConsentWithdrawal:
    """Take it back at once: by the patient, or as they said it to `by`. Twice is once. Nothing is charged for it.

    Coming visits of the treatment are locked first, so that one that starts just now starts before it or not at all.
    """
    with transaction.atomic():
        rows = Appointment.objects.filter(patient=grant.patient, treatment=grant.treatment, during__endswith__gt=now)
        list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))
        _lock(grant.patient)
        if known := ConsentWithdrawal.objects.filter(grant=grant).first():
            return known
        by_whom = ConsentWithdrawal.By.STAFF if by else ConsentWithdrawal.By.PATIENT
        typed = ConsentWithdrawal(patient=grant.patient, grant=grant, by=by_whom)
        add_entry(
            patient=grant.patient,
            kind=Kind.CONSENT_WITHDRAWAL,
            body={"said": said},
            author=Author.staff(by) if by else Author.patient(),
            occurred_at=now,
            visit=visit,
            typed=[typed],
        )
    return typed


def _lock(patient: Patient) -> None:
    """The patient's record, which every entry locks: consents, confirmations and withdrawals come one after the other."""
    key_of(patient)
    RecordKey.objects.select_for_update(no_key=True).get(patient=patient)


def _body(row: ConsentOffer, given: Given, details: Details) -> dict[str, Any]:
    return {
        "text": row.version.content,
        "version": row.version.number,
        "risks": list(details.risks),
        "language": details.language,
        "helper": details.helper,
        "statements": list(given.statements),
        "remarks": given.remarks,
        "signature": {"method": str(given.method), "name": given.name, "strokes": given.strokes},
        "witness": given.witness,
        "device": given.device,
    }
