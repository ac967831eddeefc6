"""Count the minutes that a practitioner is there and those that are booked, by one statement for all people and days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from bookings.engine.availability.question import window_of
from bookings.engine.availability.sql import ACTIVE_SQL, OPENING
from bookings.visits.models import BookingSettings
from clinic.core.calendar.holidays import public_holidays


def _minutes(spans: str) -> str:
    return f"(SELECT COALESCE(sum(extract(epoch FROM upper(one) - lower(one))) / 60, 0)::int FROM unnest({spans}) one)"


# ruff: noqa: S608 -- put together from constants, never from what someone sent
# A visit outside the hours, or in time off, counts as a visit but fills no open minute: so nobody is at more than 100 %.
_MINUTES = f"""
WITH who AS (SELECT p.id FROM practitioners_practitioner p WHERE p.id = ANY(%(people)s)){OPENING}, days AS (
    SELECT day, tstzmultirange(tstzrange(
               day::timestamp AT TIME ZONE 'Europe/London', (day + 1)::timestamp AT TIME ZONE 'Europe/London'
           )) AS whole
    FROM calendar
), work AS MATERIALIZED (
    SELECT diary.practitioner_id, COALESCE((
               SELECT range_agg(opening.open) FROM opening WHERE opening.practitioner_id = diary.practitioner_id
           ), '{{}}'::tstzmultirange) - diary.off AS open, COALESCE((
               SELECT range_agg(a.during) FROM bookings_appointment a
               WHERE a.practitioner_id = diary.practitioner_id AND a.status IN ({ACTIVE_SQL}) AND a.status <> 'held'
                 AND a.occupied && tstzrange(%(window_start)s, %(window_end)s)
           ), '{{}}'::tstzmultirange) AS booked
    FROM diary
)
SELECT practitioner_id, day, {_minutes("open * whole")}, {_minutes("open * booked * whole")}
FROM work CROSS JOIN days ORDER BY practitioner_id, day"""


@dataclass(frozen=True, slots=True)
class Minutes:
    practitioner_id: int
    day: date
    open: int
    booked: int


def minutes(
    *, people: Sequence[int], first_day: date, last_day: date, now: datetime, settings: BookingSettings
) -> list[Minutes]:
    """Of each of `people` on each local day: open is within the hours and not off, booked is what visits fill of it."""
    closes = settings.closes_on_public_holidays
    question: dict[str, Any] = window_of(first_day, last_day) | {
        "people": list(people),
        "location": None,
        "ignoring": -1,
        "holidays": list(public_holidays(first_day, last_day)) if closes else [],
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MINUTES, question)
        return [Minutes(*row) for row in cursor.fetchall()]
