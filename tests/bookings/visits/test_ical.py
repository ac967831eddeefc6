from __future__ import annotations

from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from bookings.timetable.ranges import span
from bookings.visits.ical import calendar
from bookings.visits.models.statuses import Status
from tests.factories.bookings import AppointmentFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)


def parsed(visit, **kwargs):
    ics = icalendar.Calendar.from_ical(calendar(visit, now=NOW, **kwargs))
    return ics, ics.walk("VEVENT")[0]


@pytest.mark.parametrize(
    ("utc", "wall_hour", "offset"),
    [
        (datetime(2027, 3, 27, 9, tzinfo=UTC), 9, 0),
        (datetime(2027, 3, 28, 9, tzinfo=UTC), 10, 1),
        (datetime(2027, 10, 30, 9, tzinfo=UTC), 10, 1),
        (datetime(2027, 10, 31, 9, tzinfo=UTC), 9, 0),
    ],
)
def test_the_visit_keeps_its_moment_through_the_clock_change(utc, wall_hour, offset):
    ics, event = parsed(AppointmentFactory(starts_at=utc))

    starts_at = event["dtstart"].dt
    assert event["dtstart"].params["TZID"] == "Europe/London"
    assert (starts_at, starts_at.hour) == (utc, wall_hour)
    assert event["dtend"].dt - starts_at == timedelta(minutes=30)
    own_zone = ics.walk("VTIMEZONE")[0].to_tz()
    assert starts_at.replace(tzinfo=own_zone).utcoffset() == timedelta(hours=offset)


@pytest.mark.parametrize("minute", [0, 30, 60, 90])
def test_in_the_night_whose_hour_comes_twice_it_lasts_as_long_as_it_does(minute):
    starts_at = datetime(2027, 10, 31, 0, tzinfo=UTC) + timedelta(minutes=minute)

    _ics, event = parsed(AppointmentFactory(starts_at=starts_at))

    assert event["dtstart"].dt == starts_at
    assert event["dtend"].dt.astimezone(UTC) - event["dtstart"].dt.astimezone(UTC) == timedelta(minutes=30)


def test_one_event_from_booking_to_cancelling():
    visit = AppointmentFactory()
    _ics, booked = parsed(visit, method="REQUEST")
    visit.during = visit.occupied = span(visit.starts_at + timedelta(days=1), visit.ends_at + timedelta(days=1))
    visit.version = 2
    _ics, moved = parsed(visit, method="REQUEST")
    visit.status, visit.version = Status.CANCELLED, 3
    ics, cancelled = parsed(visit, method="CANCEL")

    assert booked["uid"] == moved["uid"] == cancelled["uid"] == f"{visit.reference}@testserver"
    assert [event["sequence"] for event in (booked, moved, cancelled)] == [1, 2, 3]
    assert [event["status"] for event in (booked, moved, cancelled)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert ics["method"] == "CANCEL"
    assert cancelled["attendee"] == f"mailto:{visit.patient.email}"


def test_it_names_no_treatment_and_rings_no_alarm():
    visit = AppointmentFactory(
        treatment__name="Botox 3 areas", treatment__is_prescription_only=True, treatment__price=None
    )
    text = calendar(visit, now=NOW).decode()

    assert "Botox" not in text
    assert "VALARM" not in text
    assert "ATTENDEE" not in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
