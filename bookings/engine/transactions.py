"""One transaction that takes its locks first, in one order, and lets the constraints judge.

With only the exclusion constraint, sessions that race for one slot insert first and check second, wait for each other
and die by deadlock, a second each. With the practitioner's row locked first they queue for some milliseconds. Locks
are always taken in this order: the key of a draft, the visitor who is counted, practitioners by id, rooms by id,
devices by id, the patient.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from bookings.visits.refusals import Busy, NeedsRecord, PatientBusy, Reason, SlotTaken
from bookings.visits.slot import Slot
from clinic.core.errors import broken_constraint

T = TypeVar("T")

ATTEMPTS = 4
STATEMENT_TIMEOUT_MS = 3000
DEADLOCK, SERIALIZATION, CANCELED, LOCK_TIMEOUT = "40P01", "40001", "57014", "55P03"
_LOCK = "SELECT id FROM practitioners_practitioner WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
PRACTITIONER_CONSTRAINT = "practitioner_sees_one_patient_at_a_time"
PATIENT_CONSTRAINT = "patient_has_one_visit_at_a_time"
RECORD_CONSTRAINT = "visit_completes_with_its_record"  # a trigger of the clinical records, where there are any
RETRIED_CONSTRAINTS = {
    "room_holds_one_visit_at_a_time",  # another room may be free
    "device_serves_one_visit_at_a_time",  # and another device
    "one_record_for_each_patient",  # the other booking has just made the record
    "bookings_idempotencykey_key_key",  # the other request has just booked: answer as it did
}


def in_transaction(
    work: Callable[[], T],
    *,
    alternatives: Callable[[], list[Slot]],
    before: Callable[[], None] | None = None,
    why: Callable[[], Reason | None] | None = None,
) -> T:
    """Run `work` in a transaction, again after a deadlock or a lost race that may end well.

    `before` may refuse already, ahead of the transaction and its locks.

    Raises:
        SlotTaken: the time is gone; carries what `alternatives` and, if the refusal did not say, `why` give, both
            asked after the rollback.
        PatientBusy: the patient has another visit at that time. NeedsRecord: it is completed without its record.
        Busy: attempts waited too long for a lock, and `why` finds nothing wrong with the time.
    """
    has_waited = False
    for attempt in range(ATTEMPTS):
        try:
            if before:
                before()
            with transaction.atomic():
                _limit_statement_time()
                return work()
        except SlotTaken as taken:
            raise SlotTaken(alternatives(), reason=taken.reason or _asked(why)) from taken
        except IntegrityError as error:
            _judge(error, alternatives, why)
        except OperationalError as error:
            if _sqlstate(error) not in {DEADLOCK, SERIALIZATION, CANCELED, LOCK_TIMEOUT}:
                raise
            has_waited = True
        if attempt + 1 < ATTEMPTS:
            time.sleep(random.uniform(0.005, 0.03) * 2**attempt)  # noqa: S311 -- jitter
    raise _given_up(alternatives, why, has_waited=has_waited)


def lock_practitioners(ids: Iterable[int]) -> None:
    """Lock these practitioners' diaries, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(set(ids))])


def _judge(
    error: IntegrityError, alternatives: Callable[[], list[Slot]], why: Callable[[], Reason | None] | None
) -> None:
    name = broken_constraint(error)
    if name == PRACTITIONER_CONSTRAINT:
        raise SlotTaken(alternatives(), reason=_asked(why)) from error
    if name == PATIENT_CONSTRAINT:
        raise PatientBusy from error
    if name == RECORD_CONSTRAINT:
        raise NeedsRecord from error
    if name not in RETRIED_CONSTRAINTS:
        raise error


def _given_up(
    alternatives: Callable[[], list[Slot]], why: Callable[[], Reason | None] | None, *, has_waited: bool
) -> Busy | SlotTaken:
    reason = why() if why else None
    if has_waited and reason is None:
        return Busy()
    return SlotTaken(alternatives(), reason=reason or (Reason.TAKEN if why else None))


def _asked(why: Callable[[], Reason | None] | None) -> Reason | None:
    """The reason of a lost time; one that has just come free again was taken a moment ago."""
    return (why() or Reason.TAKEN) if why else None


def _limit_statement_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(STATEMENT_TIMEOUT_MS)])


def _sqlstate(error: DatabaseError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
