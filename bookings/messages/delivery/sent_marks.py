"""What a loop writes down of a message just before and just after it goes out. Each mark is guarded by the lease.

That one message has gone out is written together with the beginning of the next: one statement and one commit a
message. Whoever dies between the two leaves one message in doubt, as whoever dies between two commits would.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Func
from django.db.models.sql.compiler import SQLCompiler

from bookings.messages.models import Message, Wording
from bookings.visits.models import Appointment
from clinic.patients.models import Patient
from clinic.sending.outcomes import Sent

logger = logging.getLogger(__name__)
LONGEST = 200  # characters of a subject, or of what a provider calls it
SENDING = timedelta(seconds=120)  # longer than a provider may take (EMAIL_TIMEOUT, for each of its few steps)
_MESSAGE, _VISIT, _PATIENT, _WORDING = (model._meta.db_table for model in (Message, Appointment, Patient, Wording))  # noqa: SLF001 -- the documented way to a table's name

# Another loop may have given up on it while the provider was slow, or the provider's report may have come first: now we
# know what it said. Of somebody who was erased meanwhile the words are not kept.
_SENT = f"""
UPDATE {_MESSAGE} SET state = 'sent', sent_at = %(sent_at)s,
    subject = CASE recipient WHEN 'erased' THEN '' ELSE %(subject)s END,
    body = CASE recipient WHEN 'erased' THEN '' ELSE %(body)s END,
    provider_id = %(provider_id)s, wording_id = (SELECT id FROM {_WORDING} WHERE id = %(wording)s), error = '', lease_until = NULL, retry_at = NULL
WHERE id = %(sent)s AND ((state = 'leased' AND lease_until = %(sent_lease)s) OR state = 'unknown'
    OR (state = 'sent' AND body = ''))
RETURNING id"""  # noqa: S608 -- tables' own names
_BEGIN = f"""
UPDATE {_MESSAGE} AS message SET started_at = %(now)s, lease_until = %(until)s, recipient = %(recipient)s
WHERE id = %(begun)s AND state = 'leased' AND lease_until = %(lease)s AND (%(row_version)s IS NULL OR %(row_version)s = (
    SELECT concat(visit.xmin, visit.ctid, patient.xmin, patient.ctid)
    FROM {_VISIT} AS visit LEFT JOIN {_PATIENT} AS patient ON patient.id = visit.patient_id
    WHERE visit.id = message.appointment_id))
RETURNING id"""  # noqa: S608 -- as above
_BOTH = f"WITH sent AS ({_SENT}), begun AS ({_BEGIN}) SELECT (SELECT count(*) FROM sent), (SELECT count(*) FROM begun)"  # noqa: S608 -- the two above


class RowVersion(Func):
    """Which version of these rows was read: PostgreSQL gives each change of a row a new xmin and ctid."""

    output_field = CharField()

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any
    ) -> tuple[str, list[Any]]:
        """`concat(<table>.xmin, <table>.ctid, …)` for the tables that the named columns belong to."""
        names = [compiler.quote_name_unless_alias(column.alias) for column in self.source_expressions]  # type: ignore[attr-defined]  # columns, by now
        return f"concat({', '.join(f'{name}.xmin, {name}.ctid' for name in names)})", []


class Marks:
    """The marks of one loop, which keeps the last message it sent until that is written down."""

    def __init__(self) -> None:
        self._sent: dict[str, Any] | None = None

    def begin(self, message: Message, now: datetime, row_version: str | None) -> bool:
        """Mark it as begun, unless its lease is another's by now or its visit is not what was read any more."""
        until = now + SENDING
        begun: dict[str, Any] = {
            "begun": message.pk,
            "lease": message.lease_until,
            "now": now,
            "until": until,
            "recipient": message.recipient,
            "row_version": row_version,
        }
        is_ours = self._write(begun)
        if is_ours:
            message.started_at, message.lease_until = now, until
        return is_ours

    def sent(self, message: Message, words: Sent, now: datetime) -> None:
        """Mark it as sent, with the next one's beginning or with `flush`."""
        self._sent = {
            "sent": message.pk,
            "sent_lease": message.lease_until,
            "sent_at": now,
            "subject": words.subject[:LONGEST],  # whatever it said, the mark must not fail: it would go out again
            "body": words.text.replace("\0", ""),
            "provider_id": words.provider_id[:LONGEST],
            "wording": words.wording,
        }

    def flush(self) -> None:
        """Write down what has been sent."""
        if self._sent:
            self._write({})

    def _write(self, begun: dict[str, Any]) -> bool:
        sent = self._sent
        statement = _BOTH if sent and begun else _SENT if sent else _BEGIN
        with connection.cursor() as cursor:
            cursor.execute(statement, {**(sent or {}), **begun})  # if this fails, what is sent is still to be marked
            self._sent = None
            if statement == _BOTH:
                marked, taken = cursor.fetchone()
            else:
                marked = taken = cursor.rowcount
        if sent and not marked:
            logger.warning("Message %s went out, and another loop has it by now", sent["sent"])
        return bool(begun and taken)
