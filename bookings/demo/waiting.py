"""Two plainly demo patients who wait for a time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bookings.demo.sent_messages import mark_sent
from bookings.engine.eligibility import PatientDetails
from bookings.messages.models import Message
from bookings.timetable.models.hours import Weekday
from bookings.waiting_list import entries as waiting
from bookings.waiting_list.models import DayPart
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.models import ClinicSettings

# name, treatment, weekdays, parts of the day: wishes that the demo's rota cannot meet, so that they stay on the list
WAITING = (
    ("Demo Patient Willow", "first-consultation", [Weekday.SUNDAY], [DayPart.MORNING]),
    ("Demo Patient Rowan", "skincare-consultation", [Weekday.MONDAY, Weekday.WEDNESDAY], [DayPart.EVENING]),
)


def load(now: datetime) -> None:
    today = clock.today(now)
    for number, (name, treatment, weekdays, parts) in enumerate(WAITING):
        found = Treatment.objects.filter(slug=treatment).first()
        if found is None:
            continue
        entry = waiting.join(
            treatment=found,
            details=PatientDetails(name, f"demo.waiting{number}@example.com", "+447700900123", date(1986, 4, 12)),
            practitioners=[],
            first_day=today,
            last_day=today + timedelta(days=45),
            weekdays=[int(day) for day in weekdays],
            parts=[str(part) for part in parts],
            now=now,
        )
        mark_sent(Message.objects.unsent().filter(entry=entry), ClinicSettings.load())
