from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from bookings.desk.sheet.day_sheet import sheets
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import BookingSettings
from bookings.visits.models.statuses import Status
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory, HoldFactory, working_week
from tests.factories.clinic import PractitionerFactory

pytestmark = pytest.mark.django_db
TUESDAY = date(2027, 3, 2)


def rows(nurse, now=NOW, day=TUESDAY):
    [sheet] = sheets(day=day, practitioners=[nurse], now=now)
    return [(row.kind, f"{row.block.starts_at:%H:%M}", f"{row.block.ends_at:%H:%M}") for row in sheet.rows]


def test_visits_stand_in_order_with_free_rows_between(nurse, visit):
    TimeOff.objects.create(practitioner=nurse, during=span(at(12), at(12, 30)), reason="Call")

    assert rows(nurse) == [
        ("free", "10:00", "10:30"),
        ("visit", "10:30", "11:00"),
        ("free", "11:00", "12:00"),
        ("off", "12:00", "12:30"),
        ("free", "12:30", "13:00"),
    ]


def test_time_off_is_one_row_however_long(nurse):
    """Where a visit is off the quarter hours, the grid has rows of five minutes and cuts it in two."""
    AppointmentFactory(practitioner=nurse, starts_at=at(10, 5))
    TimeOff.objects.create(practitioner=nurse, during=span(at(11), at(19)), reason="Training")
    working_week(nurse, nurse.working_hours.first().location, starts_at=time(13), ends_at=time(20))

    assert ("off", "11:00", "19:00") in rows(nurse)
    assert len([kind for kind, *_ in rows(nurse) if kind == "off"]) == 1


def test_a_cancelled_visit_is_not_on_paper_and_a_time_held_is(nurse):
    AppointmentFactory(practitioner=nurse, starts_at=at(10), status=Status.CANCELLED, cancelled_at=NOW)
    HoldFactory(practitioner=nurse, starts_at=at(11), hold_expires_at=NOW + timedelta(minutes=5))

    assert [row for row in rows(nurse) if row[0] == "visit"] == [("visit", "11:00", "11:30")]


@pytest.mark.parametrize(
    ("status", "ticked"),
    [
        ("booked", []),
        ("confirmed", []),
        ("arrived", ["Arrived"]),
        ("in_progress", ["Arrived"]),
        ("completed", ["Arrived", "Completed"]),
        ("no_show", ["Missed"]),
    ],
)
def test_what_the_diary_knows_is_ticked(nurse, status, ticked):
    AppointmentFactory(practitioner=nurse, starts_at=at(10), status=status)

    [sheet] = sheets(day=TUESDAY, practitioners=[nurse], now=NOW)
    [row] = [row for row in sheet.rows if row.kind == "visit"]

    assert [label for label, is_so in row.ticks if is_so] == ticked
    assert (sheet.total, row.age) == (1, 38)


def test_on_the_day_the_clocks_go_forward_a_visit_stands_at_its_wall_time(treatment, nurse):
    sunday = date(2027, 3, 28)
    AppointmentFactory(practitioner=nurse, starts_at=at(9, day=28))

    assert rows(nurse, day=sunday) == [("visit", "09:00", "09:30")]


def test_as_many_statements_for_many_visits_as_for_one(nurse, visit, django_assert_num_queries):
    settings = BookingSettings.load()
    with django_assert_num_queries(4):
        sheets(day=TUESDAY, practitioners=[nurse], now=NOW, settings=settings)
    others = [PractitionerFactory() for _ in range(3)]
    for person in others:
        working_week(person, visit.location)
        for hour in range(9, 17):
            AppointmentFactory(practitioner=person, starts_at=at(hour))
    with django_assert_num_queries(4):
        assert len(sheets(day=TUESDAY, practitioners=[nurse, *others], now=NOW, settings=settings)) == 4
