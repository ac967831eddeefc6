"""How the queue stands, in numbers and without a person in them: for monitors, and for whoever is called at night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count

from bookings.messages.delivery.queue import LOOP
from bookings.messages.models import Message

A_DAY = timedelta(days=1)
_NUMBERS = """
SELECT
    (SELECT count(*) FROM bookings_message
     WHERE state = 'planned' AND due_at <= %(now)s AND (retry_at IS NULL OR retry_at <= %(now)s)),
    LEAST(
        (SELECT min(due_at) FROM bookings_message WHERE state = 'planned' AND due_at <= %(now)s),
        (SELECT min(due_at) FROM bookings_message WHERE state = 'leased' AND due_at <= %(now)s)
    ),
    (SELECT beat_at FROM bookings_loopheartbeat WHERE name = %(loop)s),
    (SELECT count(*) FROM bookings_message WHERE state = 'failed' AND due_at > %(since)s AND due_at <= %(now)s),
    (SELECT count(*) FROM bookings_message WHERE state = 'unknown' AND due_at > %(since)s AND due_at <= %(now)s),
    (SELECT count(*) FROM bookings_message WHERE state IN ('failed', 'unknown') AND settled_at IS NULL
     AND kind <> 'account'),
    (SELECT count(*) FROM bookings_webhookdelivery WHERE state IN ('planned', 'leased')),
    (SELECT count(*) FROM bookings_offer WHERE state = 'open' AND expires_at > %(now)s)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """How the queue stands.

    `failed` and `unknown` are of what was due in the last 24 hours, dealt with or not: how sending goes. `to_check` is
    what nobody has dealt with yet, however old. `silence` is None if no loop ever ran.
    """

    due: int
    overdue: timedelta
    silence: timedelta | None
    failed: int
    unknown: int
    to_check: int
    webhooks_waiting: int
    offers_open: int


def numbers(now: datetime) -> Numbers:
    """One statement, each part of it by an index.

    `overdue` counts what a provider's outage holds up, as `queue.oldest_overdue` does.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, {"now": now, "since": now - A_DAY, "loop": LOOP})
        due, oldest, beat_at, failed, unknown, to_check, webhooks, offers = cursor.fetchone()
    return Numbers(
        due=due,
        overdue=now - oldest if oldest else timedelta(),
        silence=max(now - beat_at, timedelta()) if beat_at else None,
        failed=failed,
        unknown=unknown,
        to_check=to_check,
        webhooks_waiting=webhooks,
        offers_open=offers,
    )


def of_the_last_day(now: datetime) -> list[tuple[str, str, str, int]]:
    """Kind, channel, state and number of the messages that were due in the last 24 hours. One statement."""
    rows = Message.objects.filter(due_at__gt=now - A_DAY, due_at__lte=now).order_by("kind", "channel", "state")
    return list(rows.values_list("kind", "channel", "state").annotate(number=Count("pk")))
