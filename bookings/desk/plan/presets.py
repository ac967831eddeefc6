"""The stretches of a day that are blocked most often, ready to tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from bookings.timetable import rota
from bookings.timetable.day_intervals import joined, minute_of
from bookings.visits.models import BookingSettings
from clinic.core import clock
from clinic.practitioners.models import Practitioner

USUAL = (9 * 60, 18 * 60)  # where nobody has hours that day
NOON, STEP = 12 * 60, 5


@dataclass(frozen=True, slots=True)
class Preset:
    """`starts` and `ends` as the form takes them, such as 12:00."""

    label: str
    who: str
    day: date
    starts: str
    ends: str

    @property
    def asking(self) -> str:
        """The address that asks for its plan."""
        written = {"who": self.who, "day": self.day.isoformat(), "starts": self.starts, "ends": self.ends}
        return urlencode({"look": 1} | written)


def presets(day: date, practitioner: Practitioner | None, now: datetime, *, who: str) -> list[Preset]:
    """Morning, afternoon and whole day by the hours of that day, and what is left of today."""
    first, last = _hours(day, practitioner)
    found = [("Morning", first, min(NOON, last)), ("Afternoon", max(NOON, first), last), ("Whole day", first, last)]
    if clock.today(now) == day:
        rest = -(-minute_of(now, day) // STEP) * STEP
        found = [("Rest of today", max(rest, first), last), *((label, max(a, rest), b) for label, a, b in found[:2])]
    return [Preset(label, who, day, _written(start), _written(end)) for label, start, end in found if start < end]


def _hours(day: date, practitioner: Practitioner | None) -> tuple[int, int]:
    people = [practitioner.pk] if practitioner else list(Practitioner.objects.public().values_list("pk", flat=True))
    found = rota.rota_on(day, people, closes=BookingSettings.load().closes_on_public_holidays)
    hours = joined(stretch for stretches in found.hours.values() for stretch in stretches)
    return (hours[0].start, hours[-1].end) if hours else USUAL


def _written(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
