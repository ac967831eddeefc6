"""The loop that sends what is due. Any number of them may run at once, with the broker up or down.

A message is taken under a lease, looked at afresh, marked as begun, sent outside any transaction, and marked as sent.
Each mark is guarded by the lease, so a loop that was overtaken marks nothing. The one ambiguity is a crash between
"accepted by the provider" and "marked sent": an e-mail is then sent again (same Message-ID), a text message never.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Case, F, Min, Value, When
from django.db.models.functions import Coalesce, Least

from bookings.messages.delivery.recheck import visits_of, why_unwanted
from bookings.messages.delivery.sent_marks import Marks
from bookings.messages.kinds import kind_of
from bookings.messages.models import Message
from bookings.messages.models.message import LoopHeartbeat, MessageQuerySet
from bookings.messages.planning.due_times import is_quiet, next_morning
from bookings.messages.planning.visit_messages import address_of, plan_instead
from clinic.sending.outcomes import PerhapsSent, ProviderDown, Refused, Sent

logger = logging.getLogger(__name__)
Kind, Channel, State = Message.Kind, Message.Channel, Message.State
Send = Callable[[Message, datetime], Sent]

LOOP = "messages"
LEASE = timedelta(seconds=60)  # from taking a message to beginning to send it
BATCH = timedelta(seconds=40)  # what is not begun by then is put back, well within its lease
BEAT_EVERY = timedelta(seconds=10)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 3600))
LAST_TRY = timedelta(minutes=1)
LATE_EVENING = timedelta(minutes=15)  # a reminder due before the quiet hours may still go out this long into them


class Outcome(StrEnum):
    SENT = "sent"
    AGAIN = "again"
    DOWN = "provider down"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    POSTPONED = "postponed"
    OVERTAKEN = "overtaken"
    PUT_BACK = "put back"


Counts = Counter[Outcome]


def run_once(*, now: datetime, send: Send, limit: int = 100, should_stop: Callable[[], bool] = lambda: False) -> Counts:
    """Send up to `limit` of what is due; `now` is when this begins, and time passes while it runs.

    Raises:
        OperationalError, InterfaceError: the database is gone. Nothing is lost: leases run out by themselves.
    """
    began, counts, down, marks = time.monotonic(), Counts(), dict[str, datetime](), Marks()
    beat(now)
    beaten = now
    settle(now)
    taken = claim(now=now, limit=limit)
    visits = visits_of(message.appointment_id for message in taken)
    try:
        for place, message in enumerate(taken):
            at = now + timedelta(seconds=time.monotonic() - began)
            if at - now > BATCH or should_stop():
                counts[Outcome.PUT_BACK] += _put_back(taken[place:])
                break
            if at - beaten > BEAT_EVERY:
                beat(at)
                beaten = at
            if message.channel in down:
                counts[Outcome.PUT_BACK] += _put_back([message], retry_at=_in_time(message, down[message.channel], at))
                continue
            message.appointment = visits.get(message.appointment_id)
            outcome = deliver(message, now=at, send=send, marks=marks)
            counts[outcome] += 1
            if outcome == Outcome.DOWN:
                down[message.channel] = message.retry_at or at + PAUSES[0]
    finally:
        marks.flush()
    return counts


def run_until_done(
    *, clock: Callable[[], datetime], send: Send, limit: int = 100, should_stop: Callable[[], bool] = lambda: False
) -> Counts:
    """Batch after batch until nothing is due."""
    total = Counts()
    while True:
        counts = run_once(now=clock(), send=send, limit=limit, should_stop=should_stop)
        total += counts
        if counts.total() < limit or should_stop():
            return total


def claim(*, now: datetime, limit: int = 100, lease: timedelta = LEASE) -> list[Message]:
    """Take what is due, oldest first, passing over what another loop is taking. One statement, one commit."""
    table = Message._meta.db_table  # noqa: SLF001 -- the documented way to a table's name
    taken = Message.objects.raw(
        f"""
        UPDATE {table} AS message
        SET state = 'leased', lease_until = %(lease_until)s, started_at = NULL, attempts = message.attempts + 1
        FROM (
            SELECT id FROM {table}
            WHERE state = 'planned' AND due_at <= %(now)s AND (retry_at IS NULL OR retry_at <= %(now)s)
            ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        ) AS due
        WHERE message.id = due.id
        RETURNING message.*
        """,  # noqa: S608 -- the table's own name
        {"now": now, "lease_until": now + lease, "limit": limit},
    )
    return sorted(taken, key=lambda message: (message.due_at, message.created_at))


def settle(now: datetime) -> None:
    """Decide what became of leases that ran out and of messages nobody needs any more."""
    is_known_to_have_come = When(delivered_at__isnull=False, then=Value(State.SENT.value))  # by the provider's report
    is_ambiguous = When(channel=Channel.SMS, started_at__isnull=False, then=Value(State.UNKNOWN.value))
    Message.objects.filter(state=State.LEASED, lease_until__lte=now).update(
        state=Case(is_known_to_have_come, is_ambiguous, default=Value(State.PLANNED.value)),
        sent_at=Coalesce("sent_at", "started_at", "delivered_at"),
        lease_until=None,
    )
    Message.objects.filter(state=State.PLANNED, due_at__lte=now, expires_at__lte=now).update(
        state=Case(When(attempts=0, then=Value(State.EXPIRED.value)), default=Value(State.FAILED.value))
    )


def deliver(message: Message, *, now: datetime, send: Send, marks: Marks) -> Outcome:
    """Send one taken message, read with its visit, if it is still true and wanted; `marks` keeps that it was sent.

    Whatever goes wrong with it stays with it.

    Raises:
        OperationalError, InterfaceError: the database is gone.
    """
    try:
        if outcome := _settled_or_begun(message, now, marks):
            return outcome
        marks.sent(message, send(message, now), now)
    except (OperationalError, InterfaceError):
        raise
    except Refused as refusal:
        return _end(message, State.FAILED, error=str(refusal))
    except ProviderDown as error:
        logger.warning("No message by %s goes out: %s", message.channel, error)
        return _wait_for_provider(message, now, error)
    except Exception as error:  # noqa: BLE001 -- a poison message must never stop the loop
        return _in_doubt(message, now, error)
    else:
        return Outcome.SENT


def beat(now: datetime) -> None:
    """Say that the loop is alive."""
    LoopHeartbeat.objects.bulk_create(
        [LoopHeartbeat(name=LOOP, beat_at=now)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )


def heartbeat_age(now: datetime) -> timedelta | None:
    """How long ago the loop last ran; None if never."""
    at = LoopHeartbeat.objects.filter(name=LOOP).values_list("beat_at", flat=True).first()
    return None if at is None else max(now - at, timedelta())


def oldest_overdue(now: datetime) -> timedelta:
    """How long the oldest unsent message is past its time; zero if there is none.

    Messages that a provider's outage holds up count; one that its own recipient's server puts off does not.
    """
    oldest = Message.objects.overdue(now).aggregate(oldest=Min("due_at"))["oldest"]
    return now - oldest if oldest else timedelta()


def _settled_or_begun(message: Message, now: datetime, marks: Marks) -> Outcome | None:
    """What became of it if it is not to be sent; else nothing, and it is marked as begun.

    What was read of the visit a moment ago is believed only if it has not changed when the mark is made.
    """
    if outcome := _settled_before_sending(message, now):
        return outcome
    if _begin(message, now, marks):
        return None
    if message.appointment_id:
        message.appointment = visits_of([message.appointment_id]).get(message.appointment_id)
        if outcome := _settled_before_sending(message, now):
            return outcome
        if _begin(message, now, marks):
            return None
    return Outcome.OVERTAKEN


def _settled_before_sending(message: Message, now: datetime) -> Outcome | None:
    if message.expires_at <= now:
        return _end(message, State.EXPIRED, error="Too late to be of use.")
    kind = kind_of(message)
    if reason := kind.why_untrue(message, now):
        return _end(message, State.WITHDRAWN, error=reason)
    reader = kind.reader(message)
    if reader and (reason := why_unwanted(message, reader)):
        with transaction.atomic():
            plan_instead(message, now)
            return _end(message, State.WITHDRAWN, error=reason)
    if kind.waits_for_day and is_quiet(now) and is_quiet(now - LATE_EVENING):
        return _until_morning(message, now)
    return None


def _begin(message: Message, now: datetime, marks: Marks) -> bool:
    if reader := kind_of(message).reader(message):
        message.recipient = address_of(reader, message.channel)
    return marks.begin(message, now, row_version=getattr(message.appointment, "row_version", None))


def _end(message: Message, state: str, **values: object) -> Outcome:
    rows = _ours([message])
    changed = rows.update(**{"error": "", "lease_until": None, "retry_at": None, "state": state, **values})
    return Outcome(state) if changed else Outcome.OVERTAKEN


def _in_doubt(message: Message, now: datetime, error: Exception) -> Outcome:
    """A text message that may have gone is never repeated; an e-mail that comes twice bears the same Message-ID."""
    if not isinstance(error, PerhapsSent):
        logger.error("Message %s could not be sent", message.pk, exc_info=error)
        return _again(message, now, error=f"{type(error).__name__}: {error}")
    if message.channel == Channel.SMS:
        return _end(message, State.UNKNOWN, error=str(error))
    return _again(message, now, error=str(error))


def _again(message: Message, now: datetime, *, error: str, keeps_due: bool = False) -> Outcome:
    """Plan another try after a growing pause, halving what is left until the message is of no use any more."""
    left = message.expires_at - now
    if left < LAST_TRY:
        return _end(message, State.FAILED, error=error)
    at = now + min(PAUSES[min(message.attempts, len(PAUSES)) - 1], left / 2)
    values: dict[str, datetime | None] = {"retry_at": at} if keeps_due else {"due_at": at, "retry_at": None}
    changed = _ours([message]).update(state=State.PLANNED, lease_until=None, started_at=None, error=error, **values)
    outcome = Outcome.DOWN if keeps_due else Outcome.AGAIN
    return outcome if changed else Outcome.OVERTAKEN


def _wait_for_provider(message: Message, now: datetime, error: ProviderDown) -> Outcome:
    """Plan another try for when the provider said, and hold back whatever else is due by its channel until then."""
    message.retry_at = (
        now + error.retry_after if error.retry_after else None
    )  # read by `run_once`: when the provider may be asked again
    if message.retry_at is None or message.expires_at - now < LAST_TRY:
        return _again(message, now, error=str(error), keeps_due=True)
    due = Message.objects.due(now).filter(channel=message.channel).select_for_update(skip_locked=True)
    held = Least(Value(message.retry_at), F("expires_at") - Value(LAST_TRY))
    with transaction.atomic():
        Message.objects.filter(pk__in=list(due.values_list("pk", flat=True))).update(retry_at=held)
    at = _in_time(message, message.retry_at, now)
    changed = _ours([message]).update(
        state=State.PLANNED, lease_until=None, started_at=None, error=str(error), retry_at=at
    )
    return Outcome.DOWN if changed else Outcome.OVERTAKEN


def _in_time(message: Message, retry_at: datetime, now: datetime) -> datetime:
    """`retry_at`, or the last moment before then at which the message is still of use."""
    return max(now, min(retry_at, message.expires_at - LAST_TRY))


def _until_morning(message: Message, now: datetime) -> Outcome:
    morning = next_morning(now)
    if morning >= message.expires_at:
        return _end(message, State.EXPIRED, error="It would have come in the night.")
    changed = _ours([message]).update(state=State.PLANNED, lease_until=None, due_at=morning, attempts=F("attempts") - 1)
    return Outcome.POSTPONED if changed else Outcome.OVERTAKEN


def _put_back(messages: list[Message], retry_at: datetime | None = None) -> int:
    rows = _ours(messages).filter(started_at=None)
    rows.update(state=State.PLANNED, lease_until=None, retry_at=retry_at, attempts=F("attempts") - 1)
    return len(messages)


def _ours(messages: list[Message]) -> MessageQuerySet:
    """The rows of these messages that are still under the lease we took."""
    leases = {message.lease_until for message in messages}
    return Message.objects.filter(
        state=State.LEASED, pk__in=[message.pk for message in messages], lease_until__in=leases
    )
