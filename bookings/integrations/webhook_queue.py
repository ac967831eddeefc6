"""The loop that posts what other programs are to be told. Any number of them may run at once.

A delivery is taken under a lease, posted outside any transaction, and marked. Each mark is guarded by the lease, so a
loop that was overtaken marks nothing. A crash between "the other program has it" and "marked" posts it again with the
same `webhook-id`, by which the receiver knows it (https://www.standardwebhooks.com).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import InterfaceError, OperationalError
from django.db.models import F

from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from bookings.integrations.replays import switch_off
from clinic.sending.leases import still_ours

logger = logging.getLogger(__name__)
State = WebhookDelivery.State

BATCH = 10
LONGEST = timedelta(
    seconds=40
)  # no post takes longer (bookings.integrations.webhook_http), not even with a name server that is away
LEASE = timedelta(minutes=3)
PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)  # as the specification suggests: nine more tries within some three days
LONGEST_PAUSE = PAUSES[-1]
LONGEST_PUT_OFF = timedelta(minutes=5)
GONE = 410
MAY_SAY_WHEN = {429, 503}

_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM bookings_webhookdelivery
    WHERE (state = 'planned' AND due_at <= %(now)s) OR (state = 'leased' AND lease_until <= %(now)s)
    ORDER BY due_at, created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE bookings_webhookdelivery AS delivery
SET state = 'leased', lease_until = %(lease_until)s, attempts = delivery.attempts + 1
FROM due WHERE delivery.id = due.id
RETURNING delivery.*
"""


class Unreachable(Exception):
    """No answer: no such host, no connection, too slow, or an address that may not be called."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other program answered; `retry_after` if it asked to be left alone for a while."""

    status: int
    retry_after: timedelta | None = None


Post = Callable[[WebhookDelivery, datetime], Answer]


class Outcome(StrEnum):
    DELIVERED = "delivered"
    AGAIN = "again"
    FAILED = "failed"
    OVERTAKEN = "overtaken"
    PUT_BACK = "put back"


Counts = Counter[Outcome]


def claim(*, now: datetime, limit: int = BATCH) -> list[WebhookDelivery]:
    """Take what is due and what a loop that died had taken, oldest first. One statement, one commit."""
    question = {"now": now, "lease_until": now + LEASE, "limit": limit}
    taken = list(WebhookDelivery.objects.raw(_CLAIM, question))
    if not taken:
        return []
    endpoints = WebhookEndpoint.objects.in_bulk({delivery.endpoint_id for delivery in taken})
    taken = [delivery for delivery in taken if delivery.endpoint_id in endpoints]  # unless deleted this moment
    for delivery in taken:
        delivery.endpoint = endpoints[delivery.endpoint_id]
    return sorted(taken, key=lambda delivery: (delivery.due_at, delivery.created_at))


def run_once(
    *,
    clock: Callable[[], datetime],
    post: Post,
    should_stop: Callable[[], bool] = lambda: False,
    away: dict[int, datetime] | None = None,
) -> Counts:
    """Post one batch of what is due. One endpoint that is away costs one try a round, not the others their turn.

    `away` says until when the endpoints found to be away are left alone; it is added to.

    Raises:
        OperationalError, InterfaceError: the database is gone. Nothing is lost: leases run out by themselves.
    """
    counts, away = Counts(), {} if away is None else away
    for delivery in claim(now=clock()):
        now = clock()
        if should_stop() or delivery.endpoint_id in away or now + LONGEST > (delivery.lease_until or now):
            counts[_put_back(delivery, away.get(delivery.endpoint_id, now + PAUSES[0]))] += 1
            continue
        outcome = deliver(delivery, now=now, post=post)
        counts[outcome] += 1
        if outcome == Outcome.AGAIN:
            away[delivery.endpoint_id] = _put_off_the_others(delivery, now)
    return counts


def run_until_done(
    *, clock: Callable[[], datetime], post: Post, should_stop: Callable[[], bool] = lambda: False
) -> Counts:
    """Batch after batch until nothing is due."""
    total, away = Counts(), dict[int, datetime]()
    while True:
        counts = run_once(clock=clock, post=post, should_stop=should_stop, away=away)
        total += counts
        if counts.total() < BATCH or should_stop():
            return total


def deliver(delivery: WebhookDelivery, *, now: datetime, post: Post) -> Outcome:
    """Post one taken delivery and mark what became of it. Whatever goes wrong with it stays with it.

    Raises:
        OperationalError, InterfaceError: the database is gone.
    """
    if reason := _why_not(delivery, now):
        return _end(delivery, State.FAILED, error=reason)
    try:
        answer = post(delivery, now)
    except (OperationalError, InterfaceError):
        raise
    except Unreachable as error:
        return _again(delivery, now, error=str(error))
    except Exception as error:  # a poison delivery must never stop the loop
        logger.exception("Webhook delivery %s could not be posted", delivery.pk)
        return _again(delivery, now, error=f"{type(error).__name__}: {error}")
    return _answered(delivery, answer, now)


def _why_not(delivery: WebhookDelivery, now: datetime) -> str:
    if not delivery.endpoint.is_active:
        return "The address was switched off."
    return (delivery.error or "Too late to be of use.") if delivery.expires_at <= now else ""


def _answered(delivery: WebhookDelivery, answer: Answer, now: datetime) -> Outcome:
    if answer.status // 100 == 2:  # noqa: PLR2004 -- the answers that mean "taken"
        return _end(delivery, State.DELIVERED, status=answer.status, delivered_at=now)
    if answer.status == GONE:
        outcome = _end(delivery, State.FAILED, status=GONE, error="Answered 410 Gone: switched off.")
        switch_off(delivery.endpoint)
        return outcome
    wait = answer.retry_after if answer.status in MAY_SAY_WHEN else None
    return _again(delivery, now, error=f"Answered {answer.status}.", status=answer.status, wait=wait)


def _end(
    delivery: WebhookDelivery,
    state: str,
    *,
    status: int | None = None,
    error: str = "",
    delivered_at: datetime | None = None,
) -> Outcome:
    changed = still_ours(WebhookDelivery.objects.all(), [delivery]).update(
        state=state, lease_until=None, answered_status=status, error=error[:300], delivered_at=delivered_at
    )
    if not changed:
        return Outcome.OVERTAKEN
    return Outcome.DELIVERED if state == State.DELIVERED else Outcome.FAILED


def _again(
    delivery: WebhookDelivery,
    now: datetime,
    *,
    error: str,
    status: int | None = None,
    wait: timedelta | None = None,
) -> Outcome:
    if delivery.attempts > len(PAUSES):
        return _end(delivery, State.FAILED, status=status, error=error)
    pause = min(max(PAUSES[delivery.attempts - 1], wait or timedelta()), LONGEST_PAUSE)
    changed = still_ours(WebhookDelivery.objects.all(), [delivery]).update(
        state=State.PLANNED, lease_until=None, due_at=now + pause, answered_status=status, error=error[:300]
    )
    return Outcome.AGAIN if changed else Outcome.OVERTAKEN


def _put_back(delivery: WebhookDelivery, until: datetime) -> Outcome:
    due_at = max(delivery.due_at, until)
    still_ours(WebhookDelivery.objects.all(), [delivery]).update(
        state=State.PLANNED, lease_until=None, due_at=due_at, attempts=F("attempts") - 1
    )
    return Outcome.PUT_BACK


def _put_off_the_others(failed: WebhookDelivery, now: datetime) -> datetime:
    """Leave an endpoint that is away alone for a while, however much waits for it: one statement, no try used up."""
    until = now + min(PAUSES[failed.attempts - 1], LONGEST_PUT_OFF)
    waiting = WebhookDelivery.objects.filter(endpoint=failed.endpoint_id, state=State.PLANNED, due_at__lt=until)
    waiting.update(due_at=until)
    return until
