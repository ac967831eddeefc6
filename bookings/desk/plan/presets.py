"""The stretches of a day that are blocked most often, ready to tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bookings.timetable import rota
from bookings.timetable.day_intervals import joined, minute_of
from bookings.visits.models import BookingSettings
from clinic.core import clock
from clinic.practitioners.models import Practitioner

USUAL = (9 * 60, 18 * 60)  # where nobody has hours that day
NOON, STEP = 12 * 60, 5
LABELS = {"rest": "Rest of today", "morning": "Morning", "afternoon": "Afternoon", "day": "Whole day"}


@dataclass(frozen=True, slots=True)
class Preset:
    """`starts` and `ends` as the form takes them, such as 12:00; `name` is what its button sends."""

    name: str
    label: str
    starts: str
    ends: str


def presets(day: date, practitioner: Practitioner | None, now: datetime) -> list[Preset]:
    """Morning, afternoon and whole day by the hours of that day, and what is left of today."""
    first, last = _hours(day, practitioner)
    parts = [("morning", first, min(NOON, last)), ("afternoon", max(NOON, first), last), ("day", first, last)]
    if clock.today(now) == day:
        rest = -(-minute_of(now, day) // STEP) * STEP
        parts = [("rest", max(rest, first), last), *((name, max(start, rest), end) for name, start, end in parts[:2])]
    return [Preset(name, LABELS[name], _written(start), _written(end)) for name, start, end in parts if start < end]


def _hours(day: date, practitioner: Practitioner | None) -> tuple[int, int]:
    people = [practitioner.pk] if practitioner else list(Practitioner.objects.public().values_list("pk", flat=True))
    found = rota.rota_on(day, people, closes=BookingSettings.load().closes_on_public_holidays)
    hours = joined(stretch for stretches in found.hours.values() for stretch in stretches)
    return (hours[0].start, hours[-1].end) if hours else USUAL


def _written(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
