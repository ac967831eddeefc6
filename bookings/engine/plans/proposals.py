"""Other times for a visit that has to make way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg.types.range import TimestamptzRange

from bookings.engine.availability.question import MAX_DAYS, question_of, slots_by
from bookings.engine.availability.sql import INSTEAD
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.policy import policy_for
from bookings.visits.slot import Slot
from clinic.core import clock

BEFORE, AFTER = timedelta(days=7), timedelta(days=14)
MOST = 3
NEVER = TimestamptzRange(empty=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A stretch of one practitioner's time that cannot be proposed, although nothing stands there yet."""

    practitioner_id: int
    starts_at: datetime
    ends_at: datetime


def proposals(visit: Appointment, *, now: datetime, until: date, taken: Taken | None = None) -> list[Slot]:
    """Up to three free times: with the same practitioner first, at the same part of the day, nearest by day and hour.

    Looked for from `BEFORE` the visit until `AFTER` the local day `until`, by the desk's rules. One statement.
    """
    first_day = max(clock.today(now), clock.today(visit.starts_at) - BEFORE)
    question = question_of(
        treatment=visit.treatment,
        first_day=first_day,
        last_day=min(until + AFTER, first_day + timedelta(days=MAX_DAYS - 1)),
        now=now,
        ignoring=visit,
        patient=visit.patient,
        policy=policy_for(visit.treatment).at_the_desk().however_far(),
    )
    question |= {
        "own": visit.practitioner_id,
        "was_at": visit.starts_at,
        "taken_of": taken.practitioner_id if taken else None,
        "taken": span(taken.starts_at, taken.ends_at) if taken else NEVER,
        "limit": MOST,
    }
    return slots_by(INSTEAD, question)
