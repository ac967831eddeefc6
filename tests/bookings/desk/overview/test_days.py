from datetime import date, time, timedelta

import pytest

from bookings.desk.overview.days import days, month_of, week_of
from bookings.desk.overview.filters import Filters
from bookings.desk.overview.loads import Load
from bookings.timetable.models import ExtraHours, RegularTimeOff, TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models.statuses import Status
from tests.bookings.moments import NOW, at
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.bookings import AppointmentFactory, LocationFactory, WorkingHoursFactory, working_week
from tests.factories.clinic import PractitionerFactory

pytestmark = pytest.mark.django_db
MONDAY, SUNDAY, TUESDAY = date(2027, 3, 1), date(2027, 3, 7), date(2027, 3, 2)


@pytest.fixture
def visit_at(nurse, treatment, location):  # noqa: F811
    def made(hour, minute=0, **values):
        known = {"practitioner": nurse, "treatment": treatment, "location": location, "starts_at": at(hour, minute)}
        return AppointmentFactory(**known | values)

    return made


def week(*people, filters=None):
    found = days(first=MONDAY, last=SUNDAY, people=people, filters=filters or Filters(), now=NOW)
    return {one.day: one for one in found}


def test_a_week_is_monday_to_sunday_and_a_month_whole_weeks():
    assert week_of(SUNDAY) == (MONDAY, SUNDAY)
    assert month_of(date(2027, 2, 10)) == (date(2027, 2, 1), date(2027, 2, 28))
    assert month_of(date(2026, 12, 31)) == (date(2026, 11, 30), date(2027, 1, 3))


def test_load_by_half_day(nurse, visit_at):  # noqa: F811
    visit_at(9)
    visit_at(13)
    visit_at(14)

    tuesday = week(nurse)[TUESDAY]

    assert tuesday.morning == Load(open=180, free=150, gaps=1, hours=180)
    assert tuesday.afternoon == Load(open=300, free=240, gaps=3, hours=300)
    assert (tuesday.morning.share, tuesday.afternoon.share) == (17, 20)
    assert (tuesday.count, tuesday.free_hours, tuesday.gaps) == (3, "6 h 30", 4)


def test_time_off_is_not_open(nurse):  # noqa: F811
    TimeOff.objects.create(practitioner=nurse, during=span(at(12), at(17)))
    RegularTimeOff.objects.create(
        practitioner=None, weekday=2, starts_at=time(11), ends_at=time(11, 30), valid_from=MONDAY
    )

    tuesday = week(nurse)[TUESDAY]

    assert tuesday.morning == Load(open=150, free=150, gaps=2, hours=150)
    assert tuesday.afternoon == Load(open=0, free=0, gaps=0, hours=300)


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_day_on_leave_is_told_from_a_closed_one(nurse, is_closed):  # noqa: F811
    TimeOff.objects.create(practitioner=None if is_closed else nurse, during=span(at(9), at(17)))

    found = week(nurse)

    assert not found[TUESDAY].is_open
    assert found[TUESDAY].is_on_leave is not is_closed
    assert not found[SUNDAY].is_on_leave


def test_two_people_are_added_up_and_hours_at_two_places_of_one_are_not_counted_twice(nurse, treatment, location):  # noqa: F811
    colleague = PractitionerFactory(offers=[treatment])
    working_week(colleague, location)
    ExtraHours.objects.create(practitioner=nurse, location=LocationFactory(), during=span(at(9), at(12)))

    assert week(nurse, colleague)[TUESDAY].morning.open == 2 * 180


def test_the_weekend_and_a_holiday_are_closed(nurse):  # noqa: F811
    assert not week(nurse)[SUNDAY].is_open
    easter = days(first=date(2027, 3, 29), last=date(2027, 3, 29), people=[nurse], filters=Filters(), now=NOW)[0]
    assert (easter.is_open, easter.holiday) == (False, "Easter Monday")


def test_the_night_of_the_clock_change_has_its_true_length(nurse, location):  # noqa: F811
    WorkingHoursFactory(practitioner=nurse, location=location, weekday=7, starts_at=time(0), ends_at=time(4))
    night = date(2027, 3, 28)

    found = days(first=night, last=night, people=[nurse], filters=Filters(), now=NOW)[0]

    assert found.morning.open == 180


def test_cancelled_visits_are_shown_where_asked_for(nurse, visit_at):  # noqa: F811
    visit_at(9)
    off = visit_at(10, status=Status.CANCELLED, cancelled_at=NOW)

    assert week(nurse)[TUESDAY].count == 1
    assert [one.pk for one in week(nurse, filters=Filters(status="cancelled"))[TUESDAY].visits] == [off.pk]


def test_filters_narrow_the_visits(nurse, visit_at, treatment, location):  # noqa: F811
    kept = visit_at(9)
    visit_at(10, location=LocationFactory())

    assert [one.pk for one in week(nurse, filters=Filters(location=location))[TUESDAY].visits] == [kept.pk]
    assert week(nurse, filters=Filters(treatment=treatment))[TUESDAY].count == 2


def test_the_statements_do_not_grow(nurse, visit_at, django_assert_num_queries):  # noqa: F811
    week(nurse)
    for hour in (9, 10, 11):
        visit_at(hour)
        with django_assert_num_queries(4):
            week(nurse)


def test_what_is_past_is_no_gap_any_more(nurse):  # noqa: F811
    found = days(first=MONDAY, last=MONDAY, people=[nurse], filters=Filters(), now=NOW + timedelta(hours=10))
    assert found[0].gaps == 0
