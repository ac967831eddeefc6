"""Other times for a visit that has to make way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from bookings.engine.availability.free_times import free_slots
from bookings.engine.availability.question import MAX_DAYS
from bookings.visits.models import Appointment
from bookings.visits.policy import policy_for
from bookings.visits.slot import Slot
from clinic.core import clock

BEFORE, AFTER = timedelta(days=7), timedelta(days=14)
MOST = 3
NOON, EVENING = 12, 17  # hours; the parts of a day that a patient thinks in


def proposals(
    visit: Appointment, *, now: datetime, until: date, is_possible: Callable[[Slot], bool] = lambda _slot: True
) -> list[Slot]:
    """Up to three free times: with the same practitioner first, at the same part of the day, nearest by day and hour.

    Looked for from a week before the visit to a fortnight after `until`, by the desk's rules.
    """
    first_day = max(clock.today(now), clock.today(visit.starts_at) - BEFORE)
    slots = free_slots(
        treatment=visit.treatment,
        first_day=first_day,
        last_day=min(until + AFTER, first_day + timedelta(days=MAX_DAYS - 1)),
        now=now,
        ignoring=visit,
        patient=visit.patient,
        policy=policy_for(visit.treatment).at_the_desk().however_far(),
    )
    others = (slot for slot in slots if not _is_where_it_is(slot, visit) and is_possible(slot))
    return sorted(others, key=lambda slot: _distance(slot, visit))[:MOST]


def _is_where_it_is(slot: Slot, visit: Appointment) -> bool:
    return slot.starts_at == visit.starts_at and slot.practitioner_id == visit.practitioner_id


def _distance(slot: Slot, visit: Appointment) -> tuple[bool, bool, int, float, bool]:
    days = (clock.today(slot.starts_at) - clock.today(visit.starts_at)).days
    away = (_wall(slot.starts_at) - _wall(visit.starts_at)).total_seconds()
    return (
        slot.practitioner_id != visit.practitioner_id,
        _part_of_day(slot.starts_at) != _part_of_day(visit.starts_at),
        abs(days),
        abs(away - days * 86400),
        away < 0,
    )


def _wall(at: datetime) -> datetime:
    return clock.local(at).replace(tzinfo=None)


def _part_of_day(at: datetime) -> int:
    hour = clock.local(at).hour
    return (hour >= NOON) + (hour >= EVENING)
