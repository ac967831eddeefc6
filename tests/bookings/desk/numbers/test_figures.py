"""A small world counted by hand: the week of Monday 1 March 2027, and the one before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bookings.desk.numbers.counts import Counts
from bookings.desk.numbers.figures import numbers
from bookings.desk.numbers.periods import Period
from bookings.desk.numbers.tables import compared, csv_text, defused, hours
from bookings.visits.models import Appointment, BookingSettings
from bookings.waiting_list.models import Offer, WaitingEntry
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory, HoldFactory, LocationFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
WEEK = Period.around(date(2027, 3, 3), "week")


@pytest.fixture
def treatment():
    return TreatmentFactory()


@pytest.fixture
def nurse():
    """Monday to Friday, nine to five: 40 hours a week."""
    person = PractitionerFactory(name="Demo Nurse", slug="nurse")
    working_week(person, LocationFactory())
    return person


@pytest.fixture
def other():
    return PractitionerFactory(name="=Cmd Nurse", slug="other")


@pytest.fixture
def visit(nurse, treatment):
    def make(starts_at, *, ahead=1, whose=nurse, **values):
        one = AppointmentFactory(practitioner=whose, treatment=treatment, starts_at=starts_at, **values)
        Appointment.objects.filter(pk=one.pk).update(created_at=starts_at - timedelta(days=ahead))
        return one

    return make


def read(*people, period=WEEK):
    return numbers(period=period, people=people, now=NOW, settings=BookingSettings())


def test_a_week_counted_by_hand(nurse, other, visit, treatment):
    known = PatientFactory()
    visit(at(9, day=22, month=2), patient=known, source="desk", ahead=3)  # the week before, their first
    visit(at(9, day=1), patient=known, source="online", ahead=2, minutes=60)
    freed = visit(at(11, day=1), source="online", ahead=10, minutes=60)
    visit(at(9, day=2), source="desk", ahead=4, minutes=120, status="completed")
    visit(
        at(20, day=2), source="import", ahead=200, status="completed"
    )  # after hours, and no word of when it was booked
    visit(at(9, day=3), source="api", ahead=-1, status="in_progress")  # typed in afterwards: no negative days
    visit(at(10, day=3), status="no_show", ahead=90)
    visit(at(11, day=3), status="cancelled", cancelled_at=NOW, was_cancelled_late=True)
    visit(at(12, day=3), status="cancelled", cancelled_at=NOW)
    HoldFactory(practitioner=nurse, starts_at=at(14, day=3))
    visit(at(9, day=4), whose=other, ahead=6)
    visit(at(9, day=8))  # the week after
    entry = WaitingEntry.objects.create(
        patient=freed.patient, treatment=treatment, first_day=WEEK.first, last_day=WEEK.last, created_at=NOW
    )
    Offer.objects.create(
        entry=entry, appointment=freed, practitioner=nurse, starts_at=freed.starts_at, created_at=NOW,
        expires_at=at(18, day=1), state="taken",
    )  # fmt: skip

    found = read(nurse, other)

    [(_, of_nurse, nurse_before), (_, of_other, _)] = found.people
    assert of_nurse.counts == Counts(
        visits=5, missed=1, cancelled_late=1, days_ahead=3.0, online=2, desk=1, api=1, imported=1, from_waiting=1,
        new_patients=4,
    )  # fmt: skip
    assert (of_nurse.open, of_nurse.booked, of_nurse.utilisation) == (2400, 270, 11)
    assert nurse_before.counts == Counts(visits=1, days_ahead=3.0, desk=1, new_patients=1)
    assert (nurse_before.open, nurse_before.booked) == (2400, 30)
    assert of_other.counts == Counts(visits=1, days_ahead=6.0, online=1, new_patients=1)
    assert (of_other.open, of_other.utilisation) == (0, None)
    assert (found.now.counts.visits, found.now.counts.days_ahead) == (6, 4.0)
    assert (found.now.open, found.now.booked, found.before.counts.visits) == (2400, 270, 1)


def test_bars_are_days_and_on_a_day_practitioners(nurse, other, visit):
    visit(at(9, day=2), minutes=240)

    week = read(nurse, other).bars
    day = read(nurse, other, period=Period.around(date(2027, 3, 2), "day")).bars

    assert [(bar.label, bar.figures.utilisation) for bar in week] == [
        ("Mon 1 Mar", 0), ("Tue 2 Mar", 50), ("Wed 3 Mar", 0), ("Thu 4 Mar", 0), ("Fri 5 Mar", 0),
        ("Sat 6 Mar", None), ("Sun 7 Mar", None),
    ]  # fmt: skip
    assert [(bar.label, bar.figures.utilisation) for bar in day] == [("Demo Nurse", 50), ("=Cmd Nurse", None)]


def test_a_visit_at_midnight_counts_on_the_day_that_it_begins(nurse, visit):
    visit(at(0, day=1), minutes=15)
    visit(at(23, 45, day=7), minutes=15)
    visit(at(23, 45, day=28, month=2), minutes=15)

    found = read(nurse)
    assert (found.now.counts.visits, found.before.counts.visits) == (2, 1)


@pytest.mark.parametrize("kind", ["day", "week", "month"])
def test_two_statements_whatever_there_is(nurse, other, visit, kind, django_assert_num_queries):
    period = Period.around(date(2027, 3, 3), kind)
    with django_assert_num_queries(2):
        read(nurse, period=period)
    for hour in range(9, 17):
        visit(at(hour, day=3))
        visit(at(hour, day=3), whose=other)
    with django_assert_num_queries(2):
        assert read(nurse, other, period=period).now.counts.visits == 16


def test_nothing_is_said_to_be_nothing(other):
    assert read(other).is_empty
    assert read().is_empty


def test_what_is_shown_stands_beside_the_period_before(nurse, visit):
    visit(at(9), minutes=90, ahead=1.5)

    shown = {name: (now, before) for name, now, before in compared(read(nurse))}

    assert shown["Utilisation"] == ("4 %", "0 %")
    assert shown["Booked in them"] == ("1 h 30", "0 min")
    assert shown["Booked ahead (median)"] == ("1.5 days", "–")
    assert hours(480) == "8 h"


def test_the_file_opens_in_a_spreadsheet_and_works_nothing_out(nurse, other, visit):
    visit(at(9), minutes=240, ahead=2)

    text = csv_text(read(nurse, other))

    assert text.startswith("\ufeffFrom,To,Practitioner,")
    assert text.splitlines()[1:4] == [
        "2027-03-01,2027-03-07,Demo Nurse,2400,240,10,1,0,0,2.0,1,0,0,0,0,1",
        "2027-03-01,2027-03-07,'=Cmd Nurse,0,0,,0,0,0,,0,0,0,0,0,0",
        "2027-03-01,2027-03-07,All,2400,240,10,1,0,0,2.0,1,0,0,0,0,1",
    ]
    assert text.splitlines()[4].startswith("2027-02-22,2027-02-28,Demo Nurse,2400,0,0,")
    assert text.endswith("\r\n")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_a_spreadsheet_would_work_out_is_text(text):
    assert defused(text) == f"'{text}"
    assert defused(f"Nurse {text}") == f"Nurse {text}"
