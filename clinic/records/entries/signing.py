"""Add a signed entry to a record: numbered, chained, sealed and with its typed rows, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.core.errors import DomainError
from clinic.core.formats import full_time
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner
from clinic.records.entries.canonical import canonical, columns_of, digest_of, salted
from clinic.records.entries.keys import Reads, Sealer, key_of
from clinic.records.entries.models import AuthorIs, Draft, Entry, Kind, RecordKey

NOT_IN_THE_DIGEST = ("body", "digest")


@dataclass(frozen=True, slots=True)
class Author:
    """Who signs: staff by name; the patient; or this program."""

    is_: AuthorIs
    user: User | None = None
    practitioner: Practitioner | None = None

    @classmethod
    def staff(cls, user: User) -> Author:
        """A member of staff, as the practitioner that they are, if they are one."""
        return cls(AuthorIs.STAFF, user, Practitioner.objects.filter(user=user).first())

    @classmethod
    def patient(cls) -> Author:
        return cls(AuthorIs.PATIENT)

    @classmethod
    def system(cls) -> Author:
        return cls(AuthorIs.SYSTEM)


class AlreadySigned(DomainError):
    """It was signed meanwhile, here or by somebody else; `entry` is what stands in the record, if it still does."""

    code = "already_signed"

    def __init__(self, text: str, entry: Entry | None) -> None:
        super().__init__(text)
        self.entry = entry


Sections = dict[str, dict[str, Any]]
Build = Callable[[Sections], tuple[dict[str, Any], Sequence[models.Model]]]


def add_entry(
    *,
    patient: Patient,
    kind: Kind | str,
    body: dict[str, Any],
    author: Author,
    occurred_at: datetime,
    visit: Appointment | None = None,
    corrects: Entry | None = None,
    typed: Sequence[models.Model] = (),
) -> Entry:
    """Sign `body` into the record of `patient`, with the typed rows that the database judges by.

    Each of `typed` has a field `entry`, which is filled in; their columns are repeated in the body, so that a change of
    theirs shows. Lock the visit before, if it matters: locks are taken in the order visit, record, the rest.

    Raises:
        IntegrityError: the database refuses it; `broken_constraint` names the rule.
    """
    key_of(patient)
    with transaction.atomic():
        key = RecordKey.objects.select_for_update(no_key=True).get(patient=patient)
        entry = Entry(
            patient=patient,
            number=key.head_number + 1,
            kind=kind,
            visit=visit,
            author_is=author.is_,
            author=author.user,
            practitioner=author.practitioner,
            occurred_at=occurred_at,
            recorded_at=_clock_of_database(),
            corrects=corrects,
            prev_digest=bytes(key.head_digest),
        )
        for row in typed:
            row.entry = entry  # type: ignore[attr-defined]  # each has one
        rows = [{"table": row._meta.db_table, **columns_of(row)} for row in typed]  # noqa: SLF001 -- its public name
        text = canonical(salted(body | {"rows": rows}))
        entry.digest = digest_of(digested(entry), text)
        Sealer(key).put(entry, "body", text)
        entry.save(force_insert=True)
        for row in typed:
            row.save(force_insert=True)
    return entry


def sign(
    *,
    opened: Reads,
    patient: Patient,
    visit: Appointment,
    kind: Kind,
    author: Author,
    occurred_at: datetime,
    build: Build,
    section: str = "",
) -> Entry:
    """Make an entry of the drafts of one kind for a visit, and delete them. Two who sign one draft make one entry.

    With `section` it is the draft of that section alone.

    `build` is given what each section says, and gives the body and the typed rows; it raises what keeps it from being
    signed, and then the drafts stay.

    Raises:
        AlreadySigned: there is no draft any more.
    """
    with transaction.atomic():
        Appointment.objects.select_for_update(no_key=True, of=("self",)).get(pk=visit.pk)
        key_of(patient)
        RecordKey.objects.select_for_update(no_key=True).get(patient=patient)
        which: dict[str, Any] = {"section": section} if section else {}
        rows = Draft.objects.select_for_update().filter(visit=visit, kind=kind, **which)
        drafts = list(rows.order_by("section"))
        if not drafts:
            found = Entry.objects.standing().filter(visit=visit, kind=kind).in_order().first()
            raise AlreadySigned(_signed_by(found), found)
        sections = {draft.section: _read(opened, draft) for draft in drafts}
        body, typed = build(sections)
        entry = add_entry(
            patient=patient,
            kind=kind,
            body=body,
            author=author,
            occurred_at=occurred_at,
            visit=visit,
            typed=typed,
        )
        Draft.objects.filter(pk__in=[draft.pk for draft in drafts]).delete()
    return entry


def digested(entry: Entry) -> dict[str, Any]:
    """The columns of an entry that its digest covers, beside its body."""
    return {name: value for name, value in columns_of(entry).items() if name not in NOT_IN_THE_DIGEST}


def _read(opened: Reads, draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(opened.text(draft, "body") or "{}")
    return found


def _signed_by(entry: Entry | None) -> str:
    if entry is None:
        return "There is nothing here to sign any more."
    return f"Signed by {entry.signed_by} at {full_time(entry.recorded_at)}."


def _clock_of_database() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]
