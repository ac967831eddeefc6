"""What would suit someone who waits: practitioners, days, weekdays, parts of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bookings.visits.slot import Slot
from bookings.waiting_list.models import DayPart, WaitingEntry
from clinic.core import clock

NOON, EVENING = 12, 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """`first_day` and `last_day` are local days; no practitioner named (by id): anyone."""

    practitioners: frozenset[int]
    first_day: date
    last_day: date
    weekdays: Sequence[int]
    parts: Sequence[str]

    def suit(self, slot: Slot) -> bool:
        day = clock.local(slot.starts_at).date()
        return (
            (not self.practitioners or slot.practitioner_id in self.practitioners)
            and self.first_day <= day <= self.last_day
            and day.isoweekday() in self.weekdays
            and part_of(slot.starts_at) in self.parts
        )


def wishes_of(entry: WaitingEntry) -> Wishes:
    return Wishes(
        practitioners=frozenset(one.pk for one in entry.practitioners.all()),
        first_day=entry.first_day,
        last_day=entry.last_day,
        weekdays=entry.weekdays,
        parts=entry.parts,
    )


def part_of(at: datetime) -> DayPart:
    """Morning, afternoon or evening, on the clinic's wall clock."""
    hour = clock.local(at).hour
    return DayPart.MORNING if hour < NOON else DayPart.AFTERNOON if hour < EVENING else DayPart.EVENING
