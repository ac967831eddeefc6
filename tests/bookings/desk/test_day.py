from datetime import UTC, date, datetime, time, timedelta

import pytest

from bookings.desk import day as diary
from bookings.desk.times import moment
from bookings.engine import status_changes
from bookings.timetable.day_intervals import Stretch, joined, on_wall, without
from bookings.timetable.models import ExtraHours, OpenedHoliday, RegularTimeOff, TimeOff
from bookings.timetable.ranges import span
from bookings.visits.history import history
from bookings.visits.models import BookingSettings
from bookings.visits.models.statuses import Status
from clinic.core.clock import LONDON
from clinic.patients.search import matching
from tests.factories.bookings import AppointmentFactory, HoldFactory, WorkingHoursFactory
from tests.factories.clinic import PatientFactory, PractitionerFactory, TreatmentFactory

TUESDAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 10, 20, tzinfo=UTC)


def at(hour, minute=0, day=TUESDAY):
    return datetime.combine(day, time(hour, minute), tzinfo=LONDON)


def read(*people, day=TUESDAY, now=NOW, **kwargs):
    return diary.day(day=day, practitioners=people, now=now, **kwargs)


def shown(column):
    return [(f"{b.starts_at:%H:%M}", f"{b.ends_at:%H:%M}", b.row, b.length) for b in column.visits]


# --- the wall clock ----------------------------------------------------------------------------------------------


def test_stretches_are_joined_and_cut():
    assert joined([Stretch(5, 9), Stretch(1, 6), Stretch(12, 12), Stretch(9, 10)]) == [Stretch(1, 10)]
    assert without([Stretch(0, 10), Stretch(20, 30)], [Stretch(4, 6), Stretch(8, 22)]) == [
        Stretch(0, 4),
        Stretch(6, 8),
        Stretch(22, 30),
    ]


def test_a_span_is_cut_to_its_day():
    week = at(9, day=date(2026, 11, 20)), at(9, day=date(2026, 11, 27))

    assert on_wall(*week, TUESDAY) == Stretch(0, 1440)


def test_the_hour_that_the_clocks_leave_out_is_no_moment():
    assert moment(date(2027, 3, 28), time(1, 30)) is None
    assert moment(date(2027, 3, 28), time(2, 30)) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


# --- a day ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_visits_stand_on_quarter_hour_rows_from_the_first_hour_on():
    nurse = PractitionerFactory(offers=[TreatmentFactory(duration_minutes=30)])
    WorkingHoursFactory(practitioner=nurse, weekday=2, starts_at=time(9), ends_at=time(17))
    AppointmentFactory(practitioner=nurse, starts_at=at(9, 30), minutes=60)
    AppointmentFactory(practitioner=nurse, starts_at=at(12), minutes=15)

    result = read(nurse)

    assert (result.first, result.last, result.unit) == (9 * 60, 17 * 60, 15)
    assert shown(result.columns[0]) == [("09:30", "10:30", 3, 4), ("12:00", "12:15", 13, 1)]
    assert [(b.start, b.end) for b in result.columns[0].free] == [(630, 720), (735, 1020)]
    assert (result.now_row, result.now_third) == (6, 1)
    assert result.total == 2


@pytest.mark.django_db
def test_visits_off_the_quarter_hours_get_fine_rows():
    nurse = PractitionerFactory()
    AppointmentFactory(practitioner=nurse, starts_at=at(9, 10), minutes=20)

    result = read(nurse)

    assert result.unit == 5
    assert shown(result.columns[0]) == [("09:10", "09:30", 3, 4)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lengths", "is_tall"),
    [
        ((20,), False),
        ((20, 30, 30, 60), False),
        ((20, 30, 15, 30), True),
        ((20, 20, *[45] * 5), False),
        ((15, 15), True),
    ],
)
def test_an_odd_short_visit_leaves_the_rows_as_they_are_and_many_make_them_taller(lengths, is_tall):
    nurse = PractitionerFactory()
    for hour, minutes in enumerate(lengths, start=9):
        AppointmentFactory(practitioner=nurse, starts_at=at(hour), minutes=minutes)

    result = read(nurse)

    assert result.is_tall is is_tall
    assert result.minutes_with_a_button == (15 if is_tall else 30)


@pytest.mark.django_db
def test_the_day_widens_for_early_and_late_visits():
    nurse = PractitionerFactory()
    WorkingHoursFactory(practitioner=nurse, weekday=2)
    AppointmentFactory(practitioner=nurse, starts_at=at(7, 45), minutes=30)
    AppointmentFactory(practitioner=nurse, starts_at=at(19), minutes=30)

    result = read(nurse)

    assert (result.first, result.last) == (7 * 60, 20 * 60)
    assert [(b.start, b.end) for b in result.columns[0].closed] == [(420, 540), (1020, 1200)]


@pytest.mark.django_db
def test_hours_obey_validity_and_every_second_week():
    first, second, over, extra = (PractitionerFactory() for _ in range(4))
    WorkingHoursFactory(practitioner=first, weekday=2, valid_from=date(2026, 11, 12), every_weeks=2)
    WorkingHoursFactory(practitioner=second, weekday=2, valid_from=date(2026, 11, 19), every_weeks=2)
    WorkingHoursFactory(practitioner=over, weekday=2, valid_until=date(2026, 11, 23))
    hours = WorkingHoursFactory(practitioner=extra, weekday=5)
    ExtraHours.objects.create(practitioner=extra, location=hours.location, during=span(at(18), at(20)))

    result = read(first, second, over, extra)

    assert [column.practitioner for column in result.columns] == [first, extra]
    assert result.absent == [second, over]
    assert read(first, second, day=date(2026, 12, 1)).absent == [first]
    assert result.columns[1].opening == [(time(18), time(20))]


@pytest.mark.django_db
def test_time_off_of_one_and_of_everyone_takes_away_free_time():
    peel = TreatmentFactory()
    nurse, other = PractitionerFactory(offers=[peel]), PractitionerFactory(offers=[peel])
    for person in (nurse, other):
        WorkingHoursFactory(practitioner=person, weekday=2, starts_at=time(9), ends_at=time(12))
    TimeOff.objects.create(practitioner=nurse, during=span(at(9), at(10)), reason="Training")
    TimeOff.objects.create(practitioner=None, during=span(at(11), at(12)))

    result = read(nurse, other, now=at(8))

    assert [[(b.start, b.end) for b in column.free] for column in result.columns] == [[(600, 660)], [(540, 660)]]
    assert [b.label for b in result.columns[0].away] == ["Training", "Closed"]
    assert [b.kind for b in result.columns[0].agenda] == ["off", "free", "off"]


@pytest.mark.django_db
def test_dead_holds_and_cancelled_visits_are_hidden_unless_asked_for():
    nurse = PractitionerFactory()
    alive = HoldFactory(practitioner=nurse, starts_at=at(9), hold_expires_at=NOW + timedelta(minutes=1))
    HoldFactory(practitioner=nurse, starts_at=at(10), hold_expires_at=NOW)
    cancelled = AppointmentFactory(practitioner=nurse, starts_at=at(11), status=Status.CANCELLED, cancelled_at=NOW)

    assert [b.appointment for b in read(nurse).columns[0].visits] == [alive]
    assert [b.appointment for b in read(nurse, with_cancelled=True).columns[0].visits] == [alive, cancelled]
    assert read(nurse).total == 0


@pytest.mark.django_db
def test_a_time_given_away_after_a_missed_visit_stands_beside_it():
    nurse = PractitionerFactory()
    AppointmentFactory(practitioner=nurse, starts_at=at(9), minutes=60, status=Status.NO_SHOW)
    AppointmentFactory(practitioner=nurse, starts_at=at(9, 30), minutes=60)
    AppointmentFactory(practitioner=nurse, starts_at=at(11), minutes=60)

    assert [(b.lane, b.lanes) for b in read(nurse).columns[0].visits] == [(1, 2), (2, 2), (1, 1)]


@pytest.mark.django_db
def test_the_night_the_clocks_go_back_stays_in_order():
    night = date(2027, 10, 31)
    nurse = PractitionerFactory()
    before = AppointmentFactory(
        practitioner=nurse, starts_at=datetime(2027, 10, 31, 0, 30, tzinfo=UTC), minutes=45
    )  # 01:30 summer time to 01:15 winter time
    after = AppointmentFactory(practitioner=nurse, starts_at=datetime(2027, 10, 31, 1, 30, tzinfo=UTC))
    late = AppointmentFactory(practitioner=nurse, starts_at=at(10, day=night))

    visits = read(nurse, day=night).columns[0].visits

    assert [b.appointment for b in visits] == [before, after, late]
    assert [(b.start, b.minutes) for b in visits] == [(90, 45), (90, 30), (600, 30)]
    assert [b.lane for b in visits] == [1, 2, 1]


@pytest.mark.django_db
def test_the_day_the_clocks_go_forward_keeps_its_hours():
    sunday = date(2027, 3, 28)
    nurse = PractitionerFactory()
    WorkingHoursFactory(practitioner=nurse, weekday=7)
    AppointmentFactory(practitioner=nurse, starts_at=datetime(2027, 3, 28, 8, tzinfo=UTC))

    result = read(nurse, day=sunday)

    assert shown(result.columns[0]) == [("09:00", "09:30", 1, 2)]
    assert result.first == 9 * 60


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_a_day_takes_three_statements_and_its_rules_however_full(number, django_assert_num_queries):
    people = [PractitionerFactory() for _ in range(number)]
    for person in people:
        WorkingHoursFactory(practitioner=person, weekday=2)
        for hour in range(9, 9 + number):
            AppointmentFactory(practitioner=person, starts_at=at(hour))

    BookingSettings.load()  # makes them, the first time
    with django_assert_num_queries(4):
        result = read(*people)

    assert result.total == number * number


# --- steps, history, search ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nobody_arrives_before_the_day_or_is_missing_before_the_hour():
    visit = AppointmentFactory(starts_at=at(15))

    assert [step.status for step in status_changes.steps(visit, NOW - timedelta(days=1))] == ["confirmed"]
    assert [step.status for step in status_changes.steps(visit, NOW)] == ["arrived", "in_progress", "confirmed"]
    assert [step.status for step in status_changes.steps(visit, at(15))] == [
        "arrived",
        "in_progress",
        "confirmed",
        "no_show",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status.values)
def test_every_step_is_one_that_the_table_of_moves_allows(status):
    visit = AppointmentFactory.build(
        starts_at=at(9), status=status, treatment=None, practitioner=None, location=None, patient=None
    )

    assert all(
        visit.can_become(s.status) for s in [*status_changes.steps(visit, NOW), *status_changes.steps_back(visit)]
    )


@pytest.mark.django_db
def test_history_tells_what_changed():
    visit = AppointmentFactory(starts_at=at(9))
    visit.during = visit.occupied = span(at(10), at(10, 30))
    visit.save()
    visit.status = Status.ARRIVED
    visit.save()

    assert [happening.what for happening in history(visit)] == [
        "Booked online",
        "Moved from Tue 24 Nov 9:00 to Tue 24 Nov 10:00",
        "Arrived",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["amira", "AMIRA@", "07700 900 777", "+447700900777", "900777"])
def test_patients_are_found_by_name_address_or_number(text):
    amira = PatientFactory(full_name="Amira Khan", email="amira@example.com", phone="+447700900777")
    PatientFactory()

    assert list(matching(text)) == [amira]


# --- holidays and regular time off -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_public_holiday_is_closed_until_it_is_opened():
    nurse, christmas = PractitionerFactory(), date(2026, 12, 25)
    WorkingHoursFactory(practitioner=nurse, weekday=5)

    closed = read(nurse, day=christmas)
    assert (closed.holiday.name, closed.holiday.is_closed, closed.absent) == ("Christmas Day", True, [nurse])

    OpenedHoliday.objects.create(day=christmas)
    opened = read(nurse, day=christmas)
    assert not opened.holiday.is_closed
    assert opened.columns[0].hours == [Stretch(540, 1020)]


@pytest.mark.django_db
def test_regular_time_off_stands_in_the_day_with_its_reason():
    nurse = PractitionerFactory()
    WorkingHoursFactory(practitioner=nurse, weekday=2)
    lunch = {"weekday": 2, "starts_at": time(12), "ends_at": time(13), "valid_from": date(2026, 11, 3)}
    RegularTimeOff.objects.create(practitioner=nurse, reason="Lunch", **lunch)
    RegularTimeOff.objects.create(practitioner=None, every_weeks=2, **lunch | {"starts_at": time(12, 30)})

    assert [(off.start, off.label) for off in read(nurse).columns[0].away] == [(720, "Lunch")]
    week_before = read(nurse, day=date(2026, 11, 17)).columns[0].away
    assert [(off.start, off.label) for off in week_before] == [(720, "Lunch"), (750, "Closed")]
