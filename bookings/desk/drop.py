"""Find where a visit could be dropped on a day: one statement for all start times of all who could take it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from django.db import connection

from bookings.desk.times import moment
from bookings.engine.availability.question import question_of
from bookings.engine.availability.sql import ACTIVE_SQL, OPENING, ROOMS_AND_DEVICES, STRETCHES
from bookings.visits.models import Appointment
from bookings.visits.policy import policy_for

STEP = 5  # minutes from one start to the next

# ruff: noqa: S608 -- put together from constants, never from what someone sent
_WHO = """
WITH who AS (
    SELECT p.id, p.slug, p.live AND p.is_bookable AND o.id IS NOT NULL AS offers,
           make_interval(mins => COALESCE(%(kept)s::int, o.duration_minutes, %(duration)s)) AS length
    FROM practitioners_practitioner p
    LEFT JOIN practitioners_offeredtreatment o ON o.practitioner_id = p.id AND o.treatment_id = %(treatment)s
    WHERE p.id = %(own)s OR (p.live AND p.is_bookable AND o.id IS NOT NULL)
)"""
# Where the practitioner is seen at that moment, as `placement.usual_location` has it.
_PLACE = """COALESCE((
        SELECT location_id FROM bookings_extrahours e
        WHERE e.practitioner_id = who.id AND e.during @> starts_at LIMIT 1
    ), (
        SELECT location_id FROM bookings_workinghours w WHERE w.practitioner_id = who.id
        ORDER BY w.weekday = extract(isodow FROM %(first_day)s::date) DESC,
                 (w.weekday = extract(isodow FROM %(first_day)s::date)
                  AND w.starts_at <= (starts_at AT TIME ZONE 'Europe/London')::time
                  AND w.ends_at > (starts_at AT TIME ZONE 'Europe/London')::time) DESC
        LIMIT 1
    ), (SELECT id FROM bookings_location WHERE is_active LIMIT 1))"""


def _has_one(resources: str, place: str) -> str:
    return f"""EXISTS (
            SELECT FROM {resources} WHERE {resources}.location_id = {place} AND NOT {resources}.occupied && occupies
        )"""


_DROPS = f"""{_WHO}{OPENING}{ROOMS_AND_DEVICES}{STRETCHES}, asked AS (
    SELECT who.*, minute, starts_at, {_PLACE} AS place, tstzrange(starts_at, starts_at + length) AS visit,
           tstzrange(starts_at - %(before)s::interval, starts_at + length + %(after)s::interval) AS occupies
    FROM who CROSS JOIN unnest(%(minutes)s::int[], %(starts)s::timestamptz[]) AS grid (minute, starts_at)
)
SELECT slug, (extract(epoch FROM length) / 60)::int, minute, CASE
    WHEN diary.occupied && occupies THEN 'diary'
    WHEN EXISTS (
        SELECT FROM bookings_appointment a
        WHERE a.patient_id = %(patient)s AND a.status IN ({ACTIVE_SQL}) AND a.id <> %(ignoring)s AND a.during && visit
    ) THEN 'patient'
    WHEN %(room_kind)s <> '' AND NOT {_has_one("rooms", "place")} THEN 'room'
    WHEN %(device_kind)s::bigint IS NOT NULL AND NOT {_has_one("devices", "place")} THEN 'device'
    WHEN offers AND starts_at >= %(earliest)s AND EXISTS (
        SELECT FROM stretches
        WHERE stretches.id = asked.id AND stretches.location_id = place AND stretches.open @> visit
          AND NOT stretches.off && visit
          AND mod(extract(epoch FROM starts_at - lower(stretches.open)), extract(epoch FROM %(step)s::interval)) = 0
    ) THEN 'free'
    ELSE 'bend' END
FROM asked JOIN diary ON diary.practitioner_id = asked.id
ORDER BY slug, minute"""


@dataclass(slots=True)
class Drops:
    """Ranges of start times with one practitioner, `[from, to)` in minutes of the wall clock; the visit lasts `minutes`.

    `free` is offered to staff; `bend` goes by hand, against hours, time off or the steps of starts; `refused` cannot
    be had, and `why` has the same ranges by what is not free: `diary`, `patient`, `room` or `device`, the first that is
    not. An hour that the clocks leave out is in none.
    """

    minutes: int
    free: list[tuple[int, int]] = field(default_factory=list)
    bend: list[tuple[int, int]] = field(default_factory=list)
    refused: list[tuple[int, int]] = field(default_factory=list)
    why: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def takes(self, minute: int) -> bool:
        """Whether the visit could start at that minute of the wall clock, be it by hand."""
        return any(start <= minute < end for start, end in (*self.free, *self.bend))


def drops_on(day: date, visit: Appointment, *, now: datetime) -> dict[str, Drops]:
    """Where `visit` could start on the local `day`, by the practitioner's slug. Nothing is written or held."""
    with connection.cursor() as cursor:
        cursor.execute(_DROPS, _question(day, visit, now))
        rows = cursor.fetchall()
    return {
        slug: _ranges(Drops(minutes), ((minute, kind) for *_, minute, kind in own))
        for (slug, minutes), own in groupby(rows, lambda row: row[:2])
    }


def _question(day: date, visit: Appointment, now: datetime) -> dict[str, Any]:
    treatment = visit.treatment
    question = question_of(
        treatment=treatment,
        first_day=day,
        last_day=day,
        now=now,
        ignoring=visit,
        patient=visit.patient,
        policy=policy_for(treatment).at_the_desk().however_far(),
    )
    starts = [(minute, moment(day, time(*divmod(minute, 60)))) for minute in range(0, 24 * 60, STEP)]
    there = [(minute, start) for minute, start in starts if start]
    return question | {
        "own": visit.practitioner_id,
        "minutes": [minute for minute, _ in there],
        "starts": [start for _, start in there],
    }


def _ranges(drops: Drops, starts: Iterable[tuple[int, str]]) -> Drops:
    for minute, kind in starts:
        if kind in {"free", "bend"}:
            _add(getattr(drops, kind), minute)
        else:
            _add(drops.refused, minute)
            _add(drops.why.setdefault(kind, []), minute)
    return drops


def _add(ranges: list[tuple[int, int]], minute: int) -> None:
    if ranges and ranges[-1][1] == minute:
        ranges[-1] = (ranges[-1][0], minute + STEP)
    else:
        ranges.append((minute, minute + STEP))
