"""Say why a time was refused: asked after a refusal only, never on the way to a booking. One statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from bookings.engine.availability.question import question_of
from bookings.engine.availability.sql import ACTIVE_SQL, OPENING, ROOMS_AND_DEVICES, STRETCHES, THOSE_WHO_OFFER
from bookings.visits.models import Appointment
from bookings.visits.policy import Policy
from bookings.visits.refusals import Reason
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner

# Whoever staff name, offering it or not.
_THE_ONE_NAMED = """
WITH who AS (
    SELECT p.id, p.slug, p.name, p.position,
           make_interval(mins => COALESCE(%(kept)s::int, o.duration_minutes, %(duration)s)) AS length
    FROM practitioners_practitioner p
    LEFT JOIN practitioners_offeredtreatment o ON o.practitioner_id = p.id AND o.treatment_id = %(treatment)s
    WHERE p.id = %(practitioner)s
)"""
# ruff: noqa: S608 -- put together from constants, never from what someone sent
_WHY = f""", asked AS (
    SELECT who.id, tstzrange(%(at)s::timestamptz, %(at)s::timestamptz + length) AS visit,
           tstzrange(%(at)s::timestamptz - %(before)s::interval,
                     %(at)s::timestamptz + length + %(after)s::interval) AS occupies
    FROM who
), places AS (
    SELECT asked.id, stretches.location_id, stretches.off && asked.visit AS is_off,
           mod(extract(epoch FROM %(at)s::timestamptz - lower(stretches.open)),
               extract(epoch FROM %(step)s::interval)) <> 0 AS is_between
    FROM asked JOIN stretches ON stretches.id = asked.id AND stretches.open @> asked.visit
)
SELECT places.id IS NULL OR places.is_off,
       COALESCE(places.is_between, FALSE),
       EXISTS (
           SELECT FROM bookings_appointment a
           WHERE a.practitioner_id = asked.id AND a.status IN ({ACTIVE_SQL}) AND a.occupied && asked.occupies
             AND a.during && asked.visit AND a.id <> %(ignoring)s
             AND (a.status <> 'held' OR a.hold_expires_at > %(now)s)
       ),
       diary.occupied && asked.occupies,
       EXISTS (
           SELECT FROM rooms WHERE rooms.location_id = COALESCE(%(place)s::bigint, places.location_id)
             AND NOT rooms.occupied && asked.occupies
       ),
       EXISTS (
           SELECT FROM devices WHERE devices.location_id = COALESCE(%(place)s::bigint, places.location_id)
             AND NOT devices.occupied && asked.occupies
       )
FROM asked LEFT JOIN places ON places.id = asked.id JOIN diary ON diary.practitioner_id = asked.id"""
_ORDER = list(Reason)


@dataclass(frozen=True, slots=True)
class _Found:
    """What holds for one person at one place."""

    is_closed: bool
    is_between: bool
    is_taken: bool
    is_occupied: bool
    has_room: bool
    has_device: bool


def why_not(
    *,
    treatment: Treatment,
    practitioner: Practitioner | None,
    starts_at: datetime,
    now: datetime,
    policy: Policy,
    ignoring: Appointment | None = None,
    at_any_hour: bool = False,
    place: int | None = None,
) -> Reason | None:
    """The reason nearest to a yes among those who could take the visit; None if one of them can.

    `at_any_hour`: staff named the person, whose hours do not count, and `place` is the location they are seen at.
    """
    day = clock.today(starts_at)
    question = question_of(
        treatment=treatment,
        policy=policy,
        first_day=day,
        last_day=day,
        now=now,
        practitioner=practitioner,
        ignoring=ignoring,
    )
    who = _THE_ONE_NAMED if at_any_hour else THOSE_WHO_OFFER
    with connection.cursor() as cursor:
        asked = question | {"at": starts_at, "place": place}
        cursor.execute(f"{who}{OPENING}{ROOMS_AND_DEVICES}{STRETCHES}{_WHY}", asked)
        rows = [_Found(*row) for row in cursor.fetchall()]
    if not rows:
        return Reason.NOT_OFFERED
    is_late = policy.last_start_at is not None and clock.local(starts_at).time() > policy.last_start_at
    reasons = [_reason(row, treatment, policy, is_late=is_late, at_any_hour=at_any_hour) for row in rows]
    return None if None in reasons else min(filter(None, reasons), key=_ORDER.index)


def _reason(found: _Found, treatment: Treatment, policy: Policy, *, is_late: bool, at_any_hour: bool) -> Reason | None:
    checks = [
        (Reason.CLOSED, found.is_closed and not at_any_hour),
        (Reason.TOO_LATE_IN_THE_DAY, is_late and not at_any_hour),
        (Reason.TAKEN, found.is_taken),
        (Reason.CLEANING_TIME, found.is_occupied),
        (Reason.NO_ROOM, bool(treatment.room_kind) and not found.has_room),
        (Reason.NO_DEVICE, treatment.device_kind_id is not None and not found.has_device),
        (Reason.BETWEEN_STARTS, found.is_between and not at_any_hour),
        (Reason.LEAVES_UNSELLABLE_GAP, policy.avoids_short_gaps and not at_any_hour),
    ]
    return next((reason for reason, holds in checks if holds), None)
