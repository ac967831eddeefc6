"""What speaks against a visit of another system before it is booked here; each can be confirmed by a switch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bookings.timetable import rota
from bookings.timetable.day_intervals import Stretch, joined, on_wall
from bookings.visits.models import BookingSettings
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.formats import long_date
from clinic.practitioners.models import OfferedTreatment, Practitioner


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What whoever imports has confirmed; the switches of the command have these names."""

    not_offered: bool = False
    outside_hours: bool = False


def not_offered(treatment: Treatment, practitioner: Practitioner) -> str:
    """Why this practitioner is not known to give this treatment; nothing if they do."""
    if OfferedTreatment.objects.filter(treatment=treatment, practitioner=practitioner).exists():
        return ""
    return f"{practitioner.name} does not offer {treatment.name}"


def outside_hours(practitioner: Practitioner, starts_at: datetime, ends_at: datetime) -> str:
    """Why nobody works at this time: a closed holiday, the hours of that day, or time off; nothing if it is open."""
    day = clock.today(starts_at)
    visit = on_wall(starts_at, ends_at, day)
    that_day = rota.rota_on(day, [practitioner.pk], closes=BookingSettings.load().closes_on_public_holidays)
    hours, holiday = joined(that_day.hours.get(practitioner.pk, [])), that_day.holiday
    if not any(open_.start <= visit.start and visit.end <= open_.end for open_ in hours):
        if holiday and holiday.is_closed:
            return f"the clinic is closed on {long_date(day)} ({holiday.name})"
        return f"{practitioner.name} does not work then ({_told(hours)} on {long_date(day)})"
    off = that_day.off.get(practitioner.pk, [])
    found = next((one for one in off if one.start < visit.end and visit.start < one.end), None)
    return f"{practitioner.name} has time off then ({found.label}, {_told([found])})" if found else ""


def objections(
    treatment: Treatment, practitioner: Practitioner, starts_at: datetime, ends_at: datetime, *, now: datetime
) -> Iterator[tuple[str, str]]:
    """The switch that would confirm it, and what it is. The hours of the past are not known here, and not asked."""
    if why := not_offered(treatment, practitioner):
        yield "not_offered", why
    if ends_at > now and (why := outside_hours(practitioner, starts_at, ends_at)):
        yield "outside_hours", why


def _told(hours: list[Stretch]) -> str:
    return " and ".join(f"{_clock(one.start)} to {_clock(one.end)}" for one in hours) or "no hours"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
