"""Who of the waiting list could have a free time of the diary: part of the statement that finds those times.

What decides lies in the waiting list, which stands above the desk; so what is read here is judged again, under the
diary's lock, by `waiting_list.offering` when the time is offered. The kind of consultation, and what
it came to where that is recorded, are judged only there.
Nobody whose record is of limited use is named.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import NamedTuple

from bookings.engine.availability.sql import ACTIVE_SQL
from bookings.messages.planning.due_times import is_quiet, next_morning
from bookings.messages.planning.visit_messages import STAFF_DELAY
from clinic.patients.names import short_name

LEAST_TIME = timedelta(minutes=10)  # to answer in
BEFORE_VISIT = timedelta(minutes=30)  # to get here, for those whom staff ask at short notice
MOST_NAMED = 1

# ruff: noqa: S608 -- put together from constants, never from what someone sent
WHO_WAITS = f""", waiting AS MATERIALIZED (
    SELECT e.id, e.reference, e.patient_id, e.treatment_id, e.parts, e.created_at, p.full_name,
           ARRAY(
               SELECT w.practitioner_id FROM bookings_waitingentry_practitioners w WHERE w.waitingentry_id = e.id
           ) AS wanted,
           CASE WHEN t.requires_consultation THEN ARRAY(
               SELECT tstzrange(
                   upper(c.during) + make_interval(hours => t.reflection_hours),
                   upper(c.during) + make_interval(days => COALESCE(t.consultation_valid_days, %(consultation_days)s)),
                   '[]'
               )
               FROM bookings_appointment c
               JOIN catalogue_treatment kind ON kind.id = c.treatment_id AND kind.kind = 'consultation'
               WHERE c.patient_id = e.patient_id AND c.status = 'completed'
           ) END AS consulted
    FROM bookings_waitingentry e
    JOIN patients_patient p ON p.id = e.patient_id
    JOIN catalogue_treatment t ON t.id = e.treatment_id
    WHERE e.state = 'waiting' AND %(first_day)s::date BETWEEN e.first_day AND e.last_day
      AND extract(isodow FROM %(first_day)s::date) = ANY(e.weekdays)
      AND NOT EXISTS (SELECT FROM bookings_offer o WHERE o.entry_id = e.id AND o.state = 'open')
      AND NOT EXISTS (
          SELECT FROM privacy_limitedrecord l
          WHERE l.patient_id = e.patient_id AND (l.until IS NULL OR NOT EXISTS (
              SELECT FROM bookings_appointment a
              WHERE a.patient_id = e.patient_id AND a.created_at > l.since AND a.status NOT IN ('held', 'expired')
          ))
      )
), suiting AS MATERIALIZED (
    SELECT DISTINCT ON (gaps.id, gaps.gap, waiting.patient_id)
           gaps.id, gaps.gap, waiting.id AS entry, reference, full_name, waiting.created_at, bookable.starts_at
    FROM gaps
    JOIN bookable ON bookable.id = gaps.id AND gaps.gap @> bookable.starts_at
    JOIN waiting ON waiting.treatment_id = ANY(bookable.treatments)
    WHERE bookable.starts_at >= %(soonest)s
      AND (wanted = '{{}}' OR gaps.id = ANY(wanted))
      AND CASE WHEN extract(hour FROM starts_at AT TIME ZONE 'Europe/London') < 12 THEN 'morning'
               WHEN extract(hour FROM starts_at AT TIME ZONE 'Europe/London') < 17 THEN 'afternoon'
               ELSE 'evening' END = ANY(parts)
      AND (consulted IS NULL OR starts_at <@ ANY(consulted))
      AND NOT EXISTS (
          SELECT FROM bookings_offer o
          WHERE o.entry_id = waiting.id AND o.practitioner_id = gaps.id AND o.starts_at = bookable.starts_at
      )
      AND NOT EXISTS (
          SELECT FROM bookings_appointment a
          WHERE a.patient_id = waiting.patient_id AND a.status IN ({ACTIVE_SQL})
            AND a.during && tstzrange(bookable.starts_at, bookable.starts_at + bookable.length)
      )
    ORDER BY gaps.id, gaps.gap, waiting.patient_id, waiting.created_at, waiting.id, bookable.starts_at
), queued AS MATERIALIZED (
    SELECT *, row_number() OVER (PARTITION BY id, gap ORDER BY created_at, entry) AS place,
           count(*) OVER (PARTITION BY id, gap) AS number
    FROM suiting
)"""
THE_FIRST = """(
    SELECT jsonb_build_object('number', max(number), 'named', jsonb_agg(
        jsonb_build_array(reference, full_name, starts_at, created_at) ORDER BY place
    ))
    FROM queued WHERE queued.id = gaps.id AND queued.gap = gaps.gap AND place <= %(most_named)s
)"""


class Waits(NamedTuple):
    """Someone who waits, and the first time of the gap that suits them."""

    entry: str  # its reference
    full_name: str
    starts_at: datetime
    since: datetime

    @property
    def short_name(self) -> str:
        return short_name(self.full_name)


class WhoWaits(NamedTuple):
    """Those who could have a time of one gap, the longest waiting first; `others` are more than are named."""

    named: list[Waits]
    others: int


NOBODY = WhoWaits([], 0)


def told_at(now: datetime) -> datetime:
    """When someone is told of a time that staff offer now: not at once, so that an undo costs nothing; never at night."""
    at = now + STAFF_DELAY
    return next_morning(at) if is_quiet(at) else at


def soonest_offered(now: datetime) -> datetime:
    """The first start that is far enough ahead to be offered now, answered, and come to."""
    return told_at(now) + LEAST_TIME + BEFORE_VISIT


def who_waits_of(found: str) -> WhoWaits:
    """Read what `THE_FIRST` gives for a gap."""
    answer = json.loads(found)
    named = [
        Waits(entry, name, datetime.fromisoformat(starts_at), datetime.fromisoformat(since))
        for entry, name, starts_at, since in answer["named"] or ()
    ]
    return WhoWaits(named, (answer["number"] or 0) - len(named))
