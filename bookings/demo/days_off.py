"""When the demo's people are away."""

from __future__ import annotations

from datetime import date, time, timedelta

from bookings.demo.rota import AFTERNOON, moments_of
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from clinic.core import clock
from clinic.practitioners.models import Practitioner

# practitioner (none: everyone), days from this week's Monday, hours (none: all day), reason
TIMES_OFF: tuple[tuple[str | None, int, tuple[time, time] | None, str], ...] = (
    ("demo-nurse-aisha", -12, None, "Annual leave"),
    ("demo-nurse-aisha", -11, None, "Annual leave"),
    ("nurse-marina", 9, AFTERNOON, "Training"),
    ("demo-prescriber-tom", 17, None, "Conference"),
    (None, 32, None, "Clinic closed: new floor"),
)


def add_times_off(people: dict[str, Practitioner], monday: date) -> None:
    for who, offset, hours, reason in TIMES_OFF:
        day = monday + timedelta(days=offset)
        starts_at, ends_at = moments_of(day, hours) if hours else clock.day_bounds(day)
        TimeOff.objects.create(
            practitioner=people.get(who) if who else None, during=span(starts_at, ends_at), reason=reason
        )
