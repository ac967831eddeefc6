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

from django.db import InterfaceError, OperationalError, transaction

from bookings.messages.delivery.outcomes import (
    PAUSES,
    Outcome,
    end,
    in_time,
    postpone,
    put_back,
    try_again_if_safe,
    wait_for_provider,
)
from bookings.messages.delivery.queue import beat, claim, settle
from bookings.messages.delivery.recheck import visits_of, why_unwanted
from bookings.messages.delivery.sent_marks import Marks
from bookings.messages.kinds import kind_of
from bookings.messages.models import Message
from bookings.messages.planning.due_times import is_quiet
from bookings.messages.planning.rows import address_of
from bookings.messages.planning.visit_messages import plan_instead
from clinic.sending.outcomes import ProviderDown, Refused, Sent

logger = logging.getLogger(__name__)
State = Message.State
Send = Callable[[Message, datetime], Sent]

BATCH = timedelta(seconds=40)  # what is not begun by then is put back, well within its lease
BEAT_EVERY = timedelta(seconds=10)
LATE_EVENING = timedelta(minutes=15)  # a reminder due before the quiet hours may still go out this long into them


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
                counts[Outcome.PUT_BACK] += put_back(taken[place:])
                break
            if at - beaten > BEAT_EVERY:
                beat(at)
                beaten = at
            if message.channel in down:
                counts[Outcome.PUT_BACK] += put_back([message], retry_at=in_time(message, down[message.channel], at))
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
        return end(message, State.FAILED, error=str(refusal))
    except ProviderDown as error:
        logger.warning("No message by %s goes out: %s", message.channel, error)
        return wait_for_provider(message, now, error)
    except Exception as error:  # noqa: BLE001 -- a poison message must never stop the loop
        return try_again_if_safe(message, now, error)
    else:
        return Outcome.SENT


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
        return end(message, State.EXPIRED, error="Too late to be of use.")
    kind = kind_of(message)
    if reason := kind.why_untrue(message, now):
        return end(message, State.WITHDRAWN, error=reason)
    reader = kind.reader(message)
    if reader and (reason := why_unwanted(message, reader)):
        with transaction.atomic():
            plan_instead(message, now)
            return end(message, State.WITHDRAWN, error=reason)
    if kind.waits_for_day and is_quiet(now) and is_quiet(now - LATE_EVENING):
        return postpone(message, now)
    return None


def _begin(message: Message, now: datetime, marks: Marks) -> bool:
    if reader := kind_of(message).reader(message):
        message.recipient = address_of(reader, message.channel)
    return marks.begin(message, now, row_version=getattr(message.appointment, "row_version", None))
