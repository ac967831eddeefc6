"""What is asked of the database: the parameters of every statement about free times."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

from bookings.engine.availability.lengths import kept_minutes
from bookings.engine.availability.sql import statement
from bookings.timetable.models import Location
from bookings.visits.models import Appointment
from bookings.visits.policy import Policy, policy_for
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.calendar.holidays import public_holidays
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner

MAX_DAYS = 62


NEVER = datetime(9999, 1, 1, tzinfo=UTC)


MARGIN = timedelta(hours=10)  # the longest visit, 8 hours, and the longest buffer


def window_of(first_day: date, last_day: date) -> dict[str, Any]:
    """These local days, and how far around them to look for what reaches into them."""
    start, _ = clock.day_bounds(first_day)
    _, end = clock.day_bounds(max(first_day, last_day))
    return {
        "first_day": first_day,
        "last_day": last_day,
        "window_start": start - MARGIN,
        "window_end": end + MARGIN,
    }


def question_of(
    *,
    treatment: Treatment,
    first_day: date,
    last_day: date,
    now: datetime,
    practitioner: Practitioner | None = None,
    location: Location | None = None,
    ignoring: Appointment | None = None,
    patient: Patient | None = None,
    policy: Policy | None = None,
) -> dict[str, Any]:
    policy = policy or policy_for(treatment)
    window_start, _ = clock.day_bounds(first_day)
    _, window_end = clock.day_bounds(max(first_day, last_day))
    return window_of(first_day, last_day) | {
        "treatment": treatment.pk,
        "duration": treatment.duration_minutes,
        "kept": kept_minutes(ignoring) if ignoring and ignoring.treatment_id == treatment.pk else None,
        "before": timedelta(minutes=treatment.buffer_before_minutes),
        "after": timedelta(minutes=treatment.buffer_after_minutes),
        "room_kind": treatment.room_kind,
        "device_kind": treatment.device_kind_id,
        "practitioner": practitioner.pk if practitioner else None,
        "location": location.pk if location else None,
        "ignoring": ignoring.pk if ignoring else -1,
        "patient": patient.pk if patient else None,
        "earliest": max(window_start, now + policy.minimum_notice),
        "latest": min(window_end, now + policy.horizon),
        "step": policy.slot_step,
        "last_start": policy.last_start_at,
        "holidays": list(public_holidays(first_day, last_day)) if policy.closes_on_public_holidays else [],
        "avoids_short_gaps": policy.avoids_short_gaps,
        "now": now,
    }


def slots_by(tail: str, question: dict[str, Any]) -> list[Slot]:
    return [Slot(*row) for row in rows_by(tail, question)]


def rows_by(tail: str, question: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        # psycopg's own reader, in C; Django's is in Python and took as long as the statement for a thousand slots.
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        sql = statement(
            tail,
            avoids_short_gaps=question["avoids_short_gaps"],
            needs_room=bool(question["room_kind"]),
            needs_device=question["device_kind"] is not None,
            knows_patient=question["patient"] is not None,
        )
        cursor.execute(sql, question)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
