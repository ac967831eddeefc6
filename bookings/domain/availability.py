"""When a treatment can be had: one SQL statement, whatever the number of practitioners, days or past visits.

Opening hours (the weekly rota on the local wall clock, and extra hours) are gathered into multiranges; the starts on
the slot step inside them are kept when the visit avoids time off, when the visit with its buffers avoids what is
occupied, and when a room of the needed kind is free too. docs/booking-engine.md shows the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

from bookings.domain.policy import Policy, policy_for
from bookings.models import Appointment, Location
from bookings.models.appointment import ACTIVE
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner

MAX_DAYS = 62
_ACTIVE_SQL = ", ".join(f"'{status}'" for status in ACTIVE)  # to the letter as in the exclusion constraints' indexes

_CANDIDATES = f"""
WITH who AS (
    SELECT p.id, p.slug, p.name, p.position,
           make_interval(mins => COALESCE(o.duration_minutes, %(duration)s)) AS length
    FROM practitioners_practitioner p
    JOIN practitioners_offeredtreatment o ON o.practitioner_id = p.id AND o.treatment_id = %(treatment)s
    WHERE p.live AND p.is_bookable AND (%(practitioner)s::bigint IS NULL OR p.id = %(practitioner)s)
), days AS (
    SELECT d::date AS day FROM generate_series(%(first_day)s::date, %(last_day)s::date, interval '1 day') d
), spans AS (
    SELECT w.practitioner_id, w.location_id,
           (days.day + w.starts_at) AT TIME ZONE 'Europe/London' AS opens,
           (days.day + w.ends_at) AT TIME ZONE 'Europe/London' AS closes
    FROM bookings_workinghours w
    JOIN who ON who.id = w.practitioner_id
    JOIN days ON extract(isodow FROM days.day) = w.weekday
             AND days.day >= w.valid_from AND (w.valid_until IS NULL OR days.day <= w.valid_until)
             AND ((date_trunc('week', days.day)::date - date_trunc('week', w.valid_from)::date) / 7)
                 %% w.every_weeks = 0
    UNION ALL
    SELECT e.practitioner_id, e.location_id, lower(e.during), upper(e.during)
    FROM bookings_extrahours e
    JOIN who ON who.id = e.practitioner_id
    WHERE e.during && tstzrange(%(window_start)s, %(window_end)s)
), opening AS (
    SELECT practitioner_id, location_id, unnest(range_agg(tstzrange(opens, closes))) AS open
    FROM spans
    WHERE opens < closes AND (%(location)s::bigint IS NULL OR location_id = %(location)s)
    GROUP BY practitioner_id, location_id
), diary AS MATERIALIZED (
    SELECT who.id AS practitioner_id,
           COALESCE((
               SELECT range_agg(a.occupied) FROM bookings_appointment a
               WHERE a.practitioner_id = who.id AND a.status IN ({_ACTIVE_SQL})
                 AND a.occupied && tstzrange(%(window_start)s, %(window_end)s)
                 AND (a.status <> 'held' OR a.hold_expires_at > %(now)s)
                 AND a.id <> %(ignoring)s
           ), '{{}}'::tstzmultirange) AS occupied,
           COALESCE((
               SELECT range_agg(t.during) FROM bookings_timeoff t
               WHERE (t.practitioner_id = who.id OR t.practitioner_id IS NULL)
                 AND t.during && tstzrange(%(window_start)s, %(window_end)s)
           ), '{{}}'::tstzmultirange) AS off
    FROM who
), rooms AS MATERIALIZED (
    SELECT r.location_id,
           COALESCE((
               SELECT range_agg(a.occupied) FROM bookings_appointment a
               WHERE a.room_id = r.id AND a.status IN ({_ACTIVE_SQL})
                 AND a.occupied && tstzrange(%(window_start)s, %(window_end)s)
                 AND (a.status <> 'held' OR a.hold_expires_at > %(now)s)
                 AND a.id <> %(ignoring)s
           ), '{{}}'::tstzmultirange) AS occupied
    FROM bookings_room r
    WHERE r.is_active AND r.kind = %(room_kind)s
), stretches AS MATERIALIZED (
    SELECT who.*, opening.location_id, opening.open, diary.off, diary.occupied
    FROM opening
    JOIN who ON who.id = opening.practitioner_id
    JOIN diary ON diary.practitioner_id = who.id
    JOIN bookings_location l ON l.id = opening.location_id AND l.is_active
), times AS MATERIALIZED (
    SELECT starts_at, starts_at + length AS ends_at, id, slug, name, position, location_id,
           tstzrange(starts_at - %(before)s::interval, starts_at + length + %(after)s::interval) AS occupies
    FROM stretches
    CROSS JOIN LATERAL generate_series(lower(open), upper(open) - length, %(step)s::interval) AS starts_at
    WHERE starts_at >= %(earliest)s AND starts_at < %(latest)s
      AND NOT occupied && tstzrange(starts_at - %(before)s::interval, starts_at + length + %(after)s::interval)
      AND NOT off && tstzrange(starts_at, starts_at + length)
), free AS (
    SELECT * FROM times
    WHERE %(room_kind)s = '' OR EXISTS (
        SELECT FROM rooms WHERE rooms.location_id = times.location_id AND NOT rooms.occupied && times.occupies
    )
)
"""
_SLOTS = "SELECT starts_at, ends_at, id, slug, name, location_id FROM free"
_IN_ORDER = f"{_CANDIDATES} {_SLOTS} ORDER BY starts_at, position, name"
# ruff: noqa: S608 -- the statements are put together from the constants above, never from what someone sent
_NEAREST = f"""{_CANDIDATES} SELECT * FROM (
    SELECT DISTINCT ON (starts_at) starts_at, ends_at, id, slug, name, location_id FROM free
    WHERE starts_at <> %(near)s OR %(may_be_same)s
    ORDER BY starts_at, position, name
) AS one_a_start ORDER BY abs(extract(epoch FROM starts_at - %(near)s)), starts_at LIMIT %(limit)s"""
_PER_DAY = f"""{_CANDIDATES}
SELECT (starts_at AT TIME ZONE 'Europe/London')::date AS day, count(DISTINCT starts_at) FROM free
GROUP BY 1 ORDER BY 1 LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked; `starts_at` and `ends_at` are aware."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: int
    practitioner_slug: str
    practitioner_name: str
    location_id: int


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many different start times a local day has."""

    day: date
    slots: int


def free_slots(
    *,
    treatment: Treatment,
    first_day: date,
    last_day: date,
    now: datetime,
    practitioner: Practitioner | None = None,
    location: Location | None = None,
    ignoring: Appointment | None = None,
) -> list[Slot]:
    """Every bookable time from `first_day` to `last_day` (local days, both included), by start then practitioner."""
    question = _question(
        treatment=treatment,
        first_day=first_day,
        last_day=last_day,
        now=now,
        practitioner=practitioner,
        location=location,
        ignoring=ignoring,
    )
    return _slots(_IN_ORDER, question)


def free_at(
    *,
    treatment: Treatment,
    starts_at: datetime,
    now: datetime,
    practitioner: Practitioner | None = None,
    ignoring: Appointment | None = None,
) -> list[Slot]:
    """Who is free at exactly `starts_at`."""
    day = clock.today(starts_at)
    question = _question(
        treatment=treatment, first_day=day, last_day=day, now=now, practitioner=practitioner, ignoring=ignoring
    )
    question["earliest"] = max(question["earliest"], starts_at)
    question["latest"] = min(question["latest"], starts_at + timedelta(microseconds=1))
    return _slots(_IN_ORDER, question)


def nearest_slots(
    *,
    treatment: Treatment,
    starts_at: datetime,
    now: datetime,
    practitioner: Practitioner | None = None,
    limit: int = 3,
    ignoring: Appointment | None = None,
) -> list[Slot]:
    """The `limit` free times closest to `starts_at`, at most one for each start; first within a week, then further."""
    found: list[Slot] = []
    policy = policy_for(treatment)
    for reach in (timedelta(days=7), policy.horizon):
        today, wanted = clock.today(now), clock.today(starts_at)
        question = _question(
            treatment=treatment,
            policy=policy,
            first_day=max(today, wanted - min(reach, timedelta(days=7))),
            last_day=max(today, wanted) + reach,
            now=now,
            practitioner=practitioner,
            ignoring=ignoring,
        )
        question |= {"near": starts_at, "may_be_same": practitioner is None, "limit": limit}
        found = _slots(_NEAREST, question)
        if len(found) >= limit:
            break
    return found


def open_days(
    *,
    treatment: Treatment,
    now: datetime,
    practitioner: Practitioner | None = None,
    location: Location | None = None,
    from_day: date | None = None,
    limit: int = 10,
    ignoring: Appointment | None = None,
) -> list[DayCount]:
    """The next `limit` local days, from `from_day` or today, that have a free time, and how many."""
    today, policy = clock.today(now), policy_for(treatment)
    question = _question(
        treatment=treatment,
        policy=policy,
        first_day=max(today, from_day or today),
        last_day=clock.today(now + policy.horizon),
        now=now,
        practitioner=practitioner,
        location=location,
        ignoring=ignoring,
    )
    with connection.cursor() as cursor:
        cursor.execute(_PER_DAY, question | {"limit": limit})
        return [DayCount(*row) for row in cursor.fetchall()]


def _question(
    *,
    treatment: Treatment,
    first_day: date,
    last_day: date,
    now: datetime,
    practitioner: Practitioner | None = None,
    location: Location | None = None,
    ignoring: Appointment | None = None,
    policy: Policy | None = None,
) -> dict[str, Any]:
    policy = policy or policy_for(treatment)
    window_start, _ = clock.day_bounds(first_day)
    _, window_end = clock.day_bounds(max(first_day, last_day))
    margin = timedelta(minutes=max(treatment.buffer_before_minutes, treatment.buffer_after_minutes)) + timedelta(
        hours=8
    )
    return {
        "treatment": treatment.pk,
        "duration": treatment.duration_minutes,
        "before": timedelta(minutes=treatment.buffer_before_minutes),
        "after": timedelta(minutes=treatment.buffer_after_minutes),
        "room_kind": treatment.room_kind,
        "practitioner": practitioner.pk if practitioner else None,
        "location": location.pk if location else None,
        "ignoring": ignoring.pk if ignoring else -1,
        "first_day": first_day,
        "last_day": last_day,
        "window_start": window_start - margin,
        "window_end": window_end + margin,
        "earliest": max(window_start, now + policy.minimum_notice),
        "latest": min(window_end, now + policy.horizon),
        "step": policy.slot_step,
        "now": now,
    }


def _slots(statement: str, question: dict[str, Any]) -> list[Slot]:
    with connection.cursor() as cursor:
        # psycopg's own reader, in C; Django's is in Python and took as long as the statement for a thousand slots.
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(statement, question)
        return [Slot(*row) for row in cursor.fetchall()]
