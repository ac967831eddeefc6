"""How full each half of a day is: one statement, whatever the days, people and visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from bookings.engine.availability.question import window_of
from bookings.engine.availability.sql import OPENING
from bookings.timetable.models import Location
from bookings.visits.models import BookingSettings
from clinic.core.calendar.holidays import public_holidays

# ruff: noqa: S608 -- put together from constants, never from what someone sent
_LOADS = f"""
WITH who AS (SELECT p.id FROM practitioners_practitioner p WHERE p.id = ANY(%(people)s)){OPENING}, halves AS (
    SELECT day, is_morning, tstzrange(
               (day + CASE WHEN is_morning THEN time '00:00' ELSE time '12:00' END) AT TIME ZONE 'Europe/London',
               CASE WHEN is_morning THEN (day + time '12:00') AT TIME ZONE 'Europe/London'
                    ELSE (day + 1)::timestamp AT TIME ZONE 'Europe/London' END
           ) AS half
    FROM calendar CROSS JOIN (VALUES (TRUE), (FALSE)) AS parts (is_morning)
), closed AS (
    SELECT practitioner_id, tstzrange(begins, ends) AS during FROM pauses WHERE begins < ends
    UNION ALL
    SELECT NULL, during FROM bookings_timeoff
    WHERE practitioner_id IS NULL AND during && tstzrange(%(window_start)s, %(window_end)s)
), working AS (
    SELECT opening.practitioner_id, range_agg(open) - diary.off AS open, diary.occupied,
           range_agg(open) - COALESCE((
               SELECT range_agg(closed.during) FROM closed
               WHERE closed.practitioner_id = opening.practitioner_id OR closed.practitioner_id IS NULL
           ), '{{}}'::tstzmultirange) AS hours
    FROM opening JOIN diary ON diary.practitioner_id = opening.practitioner_id
    JOIN bookings_location l ON l.id = opening.location_id AND l.is_active
    GROUP BY opening.practitioner_id, diary.off, diary.occupied
)
SELECT day, is_morning,
       COALESCE(sum(length_of.open), 0), COALESCE(sum(length_of.free), 0), COALESCE(sum(length_of.gaps), 0),
       COALESCE(sum(length_of.hours), 0)
FROM halves CROSS JOIN working
CROSS JOIN LATERAL (
    SELECT (SELECT sum(extract(epoch FROM upper(part) - lower(part)) / 60)
            FROM unnest(working.open * tstzmultirange(half)) AS part) AS open,
           (SELECT sum(extract(epoch FROM upper(part) - lower(part)) / 60)
            FROM unnest((working.open - occupied) * tstzmultirange(half)) AS part) AS free,
           (SELECT count(*) FROM unnest((working.open - occupied) * tstzmultirange(half)) AS part
            WHERE upper(part) - lower(part) >= make_interval(mins => %(shortest)s)
              AND upper(part) > %(now)s) AS gaps,
           (SELECT sum(extract(epoch FROM upper(part) - lower(part)) / 60)
            FROM unnest(working.hours * tstzmultirange(half)) AS part) AS hours
) AS length_of
GROUP BY day, is_morning ORDER BY day, is_morning DESC"""
SHORTEST_GAP = 15  # minutes: what is shorter is not worth an offer


@dataclass(frozen=True, slots=True)
class Load:
    """Of the morning or the afternoon of one day, all people together; minutes. `gaps` counts what can still be sold.

    `hours` are those that would be open if nobody were on leave.
    """

    open: int
    free: int
    gaps: int
    hours: int

    @property
    def share(self) -> int:
        """Taken, in whole per cent of what is open."""
        return round(100 * (self.open - self.free) / self.open) if self.open else 0

    @property
    def is_on_leave(self) -> bool:
        """Whether all who would work then are on leave."""
        return bool(self.hours) and not self.open


CLOSED = Load(0, 0, 0, 0)


def loads(
    *,
    people: Sequence[int],
    first_day: date,
    last_day: date,
    now: datetime,
    location: Location | None = None,
    settings: BookingSettings | None = None,
) -> dict[tuple[date, bool], Load]:
    """By local day and whether it is the morning; a day without hours is not in it."""
    settings = settings or BookingSettings.load()
    asked: dict[str, Any] = window_of(first_day, last_day) | {
        "people": list(people),
        "location": location.pk if location else None,
        "ignoring": -1,
        "holidays": list(public_holidays(first_day, last_day)) if settings.closes_on_public_holidays else [],
        "now": now,
        "shortest": SHORTEST_GAP,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOADS, asked)
        return {(day, is_morning): Load(*map(int, found)) for day, is_morning, *found in cursor.fetchall()}
