"""The queue of messages as the loop sees it: taking what is due, settling what was left, and the sign of life."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Case, Min, Value, When
from django.db.models.functions import Coalesce

from bookings.messages.models import Message
from bookings.messages.models.message import LoopHeartbeat, forgetting

Channel, State = Message.Channel, Message.State
ONCE_AT_MOST = [channel for channel in Channel if not channel.may_repeat]
LOOP = "messages"


LEASE = timedelta(seconds=60)  # from taking a message to beginning to send it


def claim(*, now: datetime, limit: int = 100, lease: timedelta = LEASE) -> list[Message]:
    """Take what is due, oldest first, passing over what another loop is taking. One statement, one commit.

    What locks is materialised: a plan that ran a subquery again for each row would take other rows each time.
    """
    table = Message._meta.db_table  # noqa: SLF001 -- the documented way to a table's name
    taken = Message.objects.raw(
        f"""
        WITH due AS MATERIALIZED (
            SELECT id FROM {table}
            WHERE state = 'planned' AND due_at <= %(now)s AND (retry_at IS NULL OR retry_at <= %(now)s)
            ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        )
        UPDATE {table} AS message
        SET state = 'leased', lease_until = %(lease_until)s, started_at = NULL, attempts = message.attempts + 1
        FROM due WHERE message.id = due.id
        RETURNING message.*
        """,  # noqa: S608 -- the table's own name
        {"now": now, "lease_until": now + lease, "limit": limit},
    )
    return sorted(taken, key=lambda message: (message.due_at, message.created_at))


def settle(now: datetime) -> None:
    """Decide what became of leases that ran out and of messages nobody needs any more."""
    is_known_to_have_come = When(delivered_at__isnull=False, then=Value(State.SENT.value))  # by the provider's report
    is_ambiguous = When(channel__in=ONCE_AT_MOST, started_at__isnull=False, then=Value(State.UNKNOWN.value))
    Message.objects.filter(state=State.LEASED, lease_until__lte=now).update(
        state=Case(is_known_to_have_come, is_ambiguous, default=Value(State.PLANNED.value)),
        sent_at=Coalesce("sent_at", "started_at", "delivered_at"),
        lease_until=None,
    )
    Message.objects.filter(state=State.PLANNED, due_at__lte=now, expires_at__lte=now).update(
        state=Case(When(attempts=0, then=Value(State.EXPIRED.value)), default=Value(State.FAILED.value)), **forgetting()
    )


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
