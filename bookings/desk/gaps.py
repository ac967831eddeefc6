"""Find the free times of a day that the desk can really sell: one statement for all people and all their treatments.

A gap is shown from the first start at which some treatment of that person can be booked, with its buffers, a room and
a device, to the end of the last visit that fits. It names the treatments that can begin at that start, and who waits
for one of its times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

from bookings.desk.who_waits import MOST_NAMED, NOBODY, THE_FIRST, WHO_WAITS, WhoWaits, soonest_offered, who_waits_of
from bookings.engine.availability.question import window_of
from bookings.engine.availability.sql import OPENING, STRETCHES, taken
from bookings.visits.models import BookingSettings
from clinic.core import clock
from clinic.core.calendar.holidays import public_holidays

# ruff: noqa: S608 -- put together from constants, never from what someone sent
_GAPS = f"""
WITH who AS (
    SELECT p.id FROM practitioners_practitioner p WHERE p.id = ANY(%(people)s) AND p.live AND p.is_bookable
){OPENING}, rooms AS MATERIALIZED (
    SELECT r.location_id, r.kind, {taken("a.room_id = r.id")} AS occupied FROM bookings_room r WHERE r.is_active
), devices AS MATERIALIZED (
    SELECT d.location_id, d.kind_id, {taken("a.device_id = d.id")} AS occupied
    FROM bookings_device d WHERE d.is_active
){STRETCHES}, visits AS (
    SELECT o.practitioner_id, t.room_kind, t.device_kind_id,
           make_interval(mins => COALESCE(o.duration_minutes, t.duration_minutes)) AS length,
           make_interval(mins => t.buffer_before_minutes) AS before,
           make_interval(mins => t.buffer_after_minutes) AS after,
           make_interval(mins => COALESCE(t.slot_step_minutes, %(step)s)) AS step,
           array_agg(t.name) AS names,
           array_agg(t.id) AS treatments
    FROM practitioners_offeredtreatment o
    JOIN catalogue_treatment t ON t.id = o.treatment_id AND t.live
    WHERE o.practitioner_id = ANY(%(people)s)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), times AS (
    SELECT stretches.id, stretches.location_id, starts_at, length, room_kind, device_kind_id, names, treatments,
           tstzrange(starts_at - before, starts_at + length + after) AS occupies
    FROM stretches
    JOIN visits ON visits.practitioner_id = stretches.id
    CROSS JOIN LATERAL generate_series(lower(open), upper(open) - length, step) AS starts_at
    WHERE starts_at >= %(earliest)s AND starts_at < %(latest)s
      AND NOT occupied && tstzrange(starts_at - before, starts_at + length + after)
      AND NOT off && tstzrange(starts_at, starts_at + length)
), bookable AS MATERIALIZED (
    SELECT id, starts_at, length, names, treatments
    FROM times
    WHERE (room_kind = '' OR EXISTS (
              SELECT FROM rooms WHERE rooms.location_id = times.location_id AND rooms.kind = room_kind
                AND NOT rooms.occupied && occupies
          ))
      AND (device_kind_id IS NULL OR EXISTS (
              SELECT FROM devices WHERE devices.location_id = times.location_id AND devices.kind_id = device_kind_id
                AND NOT devices.occupied && occupies
          ))
), gaps AS MATERIALIZED (
    SELECT id, unnest(range_agg(tstzrange(starts_at, starts_at + length))) AS gap FROM bookable GROUP BY id
){WHO_WAITS}
SELECT id, lower(gap), upper(gap), ARRAY(
           SELECT name FROM bookable, unnest(names) AS name
           WHERE bookable.id = gaps.id AND starts_at = lower(gap)
           GROUP BY name ORDER BY length(name), name LIMIT %(most_names)s
       ), {THE_FIRST}
FROM gaps ORDER BY id, gap"""


class Gap(NamedTuple):
    starts_at: datetime
    ends_at: datetime
    fits: list[str]  # the shortest names of the treatments that can begin at its start
    waits: WhoWaits = NOBODY


MOST_NAMES = 3


def gaps_on(
    day: date,
    people: Sequence[int],
    *,
    now: datetime,
    settings: BookingSettings | None = None,
    most_named: int = MOST_NAMED,
) -> dict[int, list[Gap]]:
    """What each of `people` has free on the local `day`, from `now` on, by start.

    Args:
        settings: the booking rules, if the caller has read them already.
        most_named: of those who wait for one gap, how many are named.
    """
    start, end = clock.day_bounds(day)
    if end <= now or not people:
        return {}
    settings = settings or BookingSettings.load()
    question: dict[str, Any] = window_of(day, day) | {
        "people": list(people),
        "location": None,
        "ignoring": -1,
        "step": settings.slot_step_minutes,
        "holidays": list(public_holidays(day, day)) if settings.closes_on_public_holidays else [],
        "earliest": max(start, now),
        "latest": end,
        "now": now,
        "most_names": MOST_NAMES,
        "soonest": soonest_offered(now),
        "consultation_days": settings.consultation_valid_days,
        "most_named": most_named,
    }
    found: dict[int, list[Gap]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(_GAPS, question)
        for person, starts_at, ends_at, fits, waits in cursor.fetchall():
            found[person].append(Gap(starts_at, ends_at, fits, who_waits_of(waits)))
    return found
