"""Read what a calendar feed tells, in two statements whatever its length, and tell by a mark whether it has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, When
from psycopg.types.range import TimestamptzRange

from bookings.desk.feeds.feed_links import OpenFeed
from bookings.visits.access import limited
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock

CANCELLED_FOR = timedelta(days=30)
_TIME_OFF = """
SELECT id, practitioner_id IS NULL, reason, lower(during), upper(during), NULL, NULL, NULL, NULL, NULL, NULL
FROM bookings_timeoff
WHERE (practitioner_id = %(who)s OR practitioner_id IS NULL) AND during && tstzrange(%(first)s, %(last)s)
UNION ALL
SELECT id, practitioner_id IS NULL, reason, NULL, NULL, weekday, starts_at, ends_at, valid_from, valid_until, every_weeks
FROM bookings_regulartimeoff
WHERE (practitioner_id = %(who)s OR practitioner_id IS NULL) AND valid_from <= %(last_day)s
  AND (valid_until IS NULL OR valid_until >= %(first_day)s)
ORDER BY 4 NULLS LAST, 9, 1"""


@dataclass(frozen=True, slots=True)
class Visit:
    reference: str
    version: int
    status: str
    during: TimestamptzRange
    place: str
    address: str
    full_name: str | None

    @property
    def starts_at(self) -> datetime:
        return self.during.lower  # type: ignore[return-value] # no span of a visit is endless

    @property
    def ends_at(self) -> datetime:
        return self.during.upper  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class TimeOff:
    """Once, from `starts_at` to `ends_at`; or where those are None every so many weeks, on the wall clock."""

    pk: int
    is_for_everyone: bool
    reason: str
    starts_at: datetime | None
    ends_at: datetime | None
    weekday: int
    opens: time
    closes: time
    valid_from: date
    valid_until: date | None
    every_weeks: int


@dataclass(frozen=True, slots=True)
class FeedRows:
    visits: list[Visit]
    time_off: list[TimeOff]

    def mark(self, feed: OpenFeed) -> str:
        """A weak ETag: another as soon as anything that the feed tells is another."""
        told = repr((settings.SITE_URL, feed, self.visits, self.time_off))
        return f'W/"{sha256(told.encode()).hexdigest()[:32]}"'


def read(feed: OpenFeed, now: datetime) -> FeedRows:
    """The local days around today; a cancelled visit for 30 days after it was cancelled."""
    today = clock.today(now)
    first_day, last_day = today - timedelta(days=feed.past_days), today + timedelta(days=feed.ahead_days)
    first, last = clock.day_bounds(first_day)[0], clock.day_bounds(last_day)[1]
    kept_from, _ = clock.day_bounds(today - CANCELLED_FOR)
    rows = (
        Appointment.objects.visits()
        .in_span(first, last)
        .filter(~Q(status=Status.CANCELLED) | Q(cancelled_at__gte=kept_from), practitioner=feed.practitioner_id)
        .annotate(name=Case(When(~Exists(limited(patient=OuterRef("patient"))), then=F("patient__full_name"))))
        .order_by("during", "pk")
        .values_list("reference", "version", "status", "during", "location__name", "location__address", "name")
    )
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "who": feed.practitioner_id,
            "first": first,
            "last": last,
            "first_day": first_day,
            "last_day": last_day,
        }
        cursor.execute(_TIME_OFF, asked)
        time_off = [TimeOff(*row) for row in cursor.fetchall()]
    return FeedRows([Visit(*row) for row in rows], time_off)
