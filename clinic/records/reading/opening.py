"""The only way to read a record: the line in the access log is written and kept first, then the key is handed out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, models, transaction

from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.accounts.rights import Right, may
from clinic.core.errors import DomainError
from clinic.patients.models import Patient
from clinic.records.entries.keys import Opener
from clinic.records.entries.models import Entry, EntryQuerySet, RecordKey
from clinic.records.reading.models import AccessLog, Purpose
from clinic.records.reading.whose import purpose_of, records_of


class NotYours(DomainError):
    """This record is not theirs to open: pages answer as if there were none."""

    code = "not_yours"


class CannotLog(DomainError):
    """The access log cannot be written, so nothing is read."""

    code = "cannot_log"


@dataclass(frozen=True, slots=True)
class Where:
    """From where it is read, as digests."""

    session: str = ""
    address: str = ""


@dataclass(slots=True)
class OpenRecord:
    """A record that was opened, by a line in the log that stays. Says what its sealed texts say."""

    patient: Patient
    purpose: Purpose
    log: AccessLog
    _keys: dict[int, RecordKey]
    _openers: dict[int, Opener] = field(default_factory=dict)

    def text(self, row: models.Model, name: str) -> str:
        """What a sealed field says. Of an empty one nothing.

        Raises:
            NotYours: the row belongs to another patient's record.
            Unreadable: it does not open.
        """
        return self._opener(_whose(row)).text(row, name)

    def body(self, entry: Entry) -> dict[str, Any]:
        """The body of an entry, as it was signed."""
        found: dict[str, Any] = json.loads(self.text(entry, "body"))
        return found

    def values(self, draft: models.Model) -> dict[str, Any]:
        """What a draft says."""
        found: dict[str, Any] = json.loads(self.text(draft, "body") or "{}")
        return found

    def entries(self, **which: Any) -> EntryQuerySet:
        """The entries of this record and of those merged into it, the newest first."""
        return Entry.objects.filter(patient__in=self._keys, **which).in_order()

    @property
    def reference(self) -> str:
        """What the record is called in addresses; nothing where nobody has written in it yet."""
        key = self._keys.get(self.patient.pk)
        return key.reference if key else ""

    def _opener(self, patient: int) -> Opener:
        if patient not in self._openers:
            if patient not in self._keys:
                raise NotYours("This is not of the record that was opened.")
            self._openers[patient] = Opener(self._keys[patient])
        return self._openers[patient]


def open_record(
    *,
    patient: Patient,
    reader: User,
    page: str,
    now: datetime,
    where: Where | None = None,
    visit: Appointment | None = None,
    entry: Entry | None = None,
) -> OpenRecord:
    """Open the record of `patient` for a member of staff. `page` is the kind of page it is shown on.

    Not within a transaction: the line in the log has to stay whatever becomes of the page.

    Raises:
        NotYours: they may not open it.
        CannotLog: the log cannot be written.
    """
    purpose = purpose_of(reader, patient, now)
    if purpose is None:
        raise NotYours("There is no such record.")
    role = "practitioner" if may(reader, Right.READ_RECORDS) else "owner"
    return _opened(patient, purpose, page, user=reader, role=role, where=where, visit=visit, entry=entry)


def open_own_record(
    *, patient: Patient, page: str, where: Where | None = None, entry: Entry | None = None
) -> OpenRecord:
    """Open it for the patient herself, who has shown who she is. Raises CannotLog."""
    return _opened(patient, Purpose.PATIENT, page, user=None, role="patient", where=where, entry=entry)


def open_for_program(*, patient: Patient, purpose: Purpose, page: str) -> OpenRecord:
    """Open it for a task of this program. Raises CannotLog."""
    return _opened(patient, purpose, page, user=None, role="program")


def _opened(
    patient: Patient,
    purpose: Purpose,
    page: str,
    *,
    user: User | None,
    role: str,
    where: Where | None = None,
    visit: Appointment | None = None,
    entry: Entry | None = None,
) -> OpenRecord:
    where = where or Where()
    try:
        with transaction.atomic(durable=True):
            log = AccessLog.objects.create(
                user=user,
                role=role,
                patient=patient,
                purpose=purpose,
                page=page,
                entry=entry,
                visit=visit,
                session_digest=where.session,
                address_digest=where.address,
            )
    except DatabaseError as error:
        raise CannotLog("This record cannot be opened now: nobody could see later that it was.") from error
    keys = RecordKey.objects.filter(patient__in=records_of(patient).values("pk"))
    return OpenRecord(patient, purpose, log, {key.patient_id: key for key in keys})


def _whose(row: models.Model) -> int:
    """The patient of a row: its own column, or that of the draft or entry that it belongs to."""
    for name in ("patient_id", "draft", "entry", "request"):
        found = getattr(row, name, None)
        if found is not None:
            return found if name == "patient_id" else _whose(found)
    raise TypeError(f"{type(row).__name__} belongs to no patient.")
