"""The minutes that the statement finds, against a count of five-minute steps in plain Python."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.desk.numbers.utilisation import minutes
from bookings.timetable.models import ExtraHours, OpenedHoliday, RegularTimeOff, TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import BookingSettings
from bookings.visits.models.statuses import Status
from clinic.core import clock
from tests.bookings.moments import NOW
from tests.factories.bookings import AppointmentFactory, LocationFactory, WorkingHoursFactory
from tests.factories.clinic import PatientFactory, PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2027, 3, 25), date(2027, 3, 30)  # Good Friday, the clocks go forward, Easter Monday
HOLIDAYS = (date(2027, 3, 26), date(2027, 3, 29))
SINCE = date(2027, 1, 1)  # a Friday, whose week is counted as the first
STEP = timedelta(minutes=5)
STANDS = {Status.BOOKED, Status.CONFIRMED, Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED}


def at(day, hour, minute=0):
    return datetime.combine(day, time(hour, minute), tzinfo=clock.LONDON)


def found(*people, first=FIRST, last=LAST, closes=True):
    rows = minutes(
        people=[person.pk for person in people],
        first_day=first,
        last_day=last,
        now=NOW,
        settings=BookingSettings(closes_on_public_holidays=closes),
    )
    return {(row.practitioner_id, row.day): (row.open, row.booked) for row in rows}


def test_a_day_counted_by_hand():
    """Eight hours less one of lunch; an hour and a half of visits in them, the rest of the last one after hours."""
    nurse, tuesday = PractitionerFactory(), date(2027, 3, 30)
    WorkingHoursFactory(practitioner=nurse, weekday=2)
    RegularTimeOff.objects.create(
        practitioner=nurse, weekday=2, starts_at=time(12), ends_at=time(13), valid_from=date(2026, 1, 1)
    )
    for hour, minute, status in (
        (9, 0, "completed"),
        (10, 0, "booked"),
        (11, 0, "no_show"),
        (12, 15, "booked"),
        (16, 30, "arrived"),
    ):
        AppointmentFactory(practitioner=nurse, starts_at=at(tuesday, hour, minute), status=status)
    AppointmentFactory(practitioner=nurse, starts_at=at(tuesday, 20), status="booked")

    assert found(nurse, first=tuesday, last=tuesday) == {(nurse.pk, tuesday): (420, 90)}


@pytest.mark.parametrize(("month", "day", "length"), [(3, 28, 11), (10, 31, 13)])
def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is(month, day, length):
    nurse, sunday = PractitionerFactory(), date(2027, month, day)
    WorkingHoursFactory(practitioner=nurse, weekday=7, starts_at=time(0), ends_at=time(12))

    assert found(nurse, first=sunday, last=sunday) == {(nurse.pk, sunday): (length * 60, 0)}


def test_nobody_and_nothing_are_counted_as_nothing():
    nurse = PractitionerFactory()

    assert found() == {}
    assert set(found(nurse).values()) == {(0, 0)}


days = st.integers(0, (LAST - FIRST).days).map(lambda n: FIRST + timedelta(days=n))
steps = st.integers(6 * 12, 22 * 12)
hours = st.tuples(st.integers(3, 12), st.integers(13, 22)).map(lambda pair: (time(pair[0]), time(pair[1], 30)))
stretches = st.tuples(days, steps, st.integers(1, 40))
worlds = st.fixed_dictionaries(
    {
        "hours": st.lists(
            st.tuples(st.integers(1, 7), hours, st.sampled_from([1, 2])), max_size=5, unique_by=lambda one: one[0]
        ),
        "extra": st.lists(stretches, max_size=2),
        "off": st.lists(st.tuples(st.booleans(), stretches), max_size=2),
        "pauses": st.lists(st.tuples(st.integers(1, 7), hours), max_size=1),
        "visits": st.lists(
            st.tuples(stretches, st.sampled_from([*STANDS, Status.NO_SHOW, Status.CANCELLED, Status.HELD])), max_size=6
        ),
        "closes": st.booleans(),
        "opened": st.booleans(),
    }
)


def moments_of(stretch):
    day, step, length = stretch
    starts_at = at(day, step // 12, step % 12 * 5)
    return starts_at, starts_at + length * STEP


def taken(starts_at, ends_at):
    """The five-minute steps of a span, as seconds since 1970."""
    return set(range(int(starts_at.timestamp()), int(ends_at.timestamp()), 300))


def weekly(weekday, opens, closes, *, every_weeks=1):
    """The steps of hours that hold since `SINCE`."""
    steps_of_all = set()
    day = FIRST
    while day <= LAST:
        weeks = (day - date(2026, 12, 28)).days // 7
        if day.isoweekday() == weekday and weeks % every_weeks == 0:
            steps_of_all |= taken(
                datetime.combine(day, opens, clock.LONDON), datetime.combine(day, closes, clock.LONDON)
            )
        day += timedelta(days=1)
    return steps_of_all


def of_day(day, known):
    start, end = clock.day_bounds(day)
    return known & taken(start, end)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(world=worlds)
def test_open_and_booked_minutes_are_those_of_a_plain_count(world):
    with transaction.atomic():
        try:
            _check(world)
        finally:
            transaction.set_rollback(True)


def _check(world):
    nurse, place = PractitionerFactory(), LocationFactory()
    open_steps = _opening(world, nurse, place) - _time_off(world, nurse)
    booked = _visits(world, nurse, place)

    expected = {
        (nurse.pk, day): (5 * len(of_day(day, open_steps)), 5 * len(of_day(day, open_steps & booked)))
        for day in (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))
    }
    assert found(nurse, closes=world["closes"]) == expected


def _opening(world, nurse, place):
    steps_of_all, closed = set(), set()
    if world["closes"]:
        closed_days = HOLIDAYS[1:] if world["opened"] else HOLIDAYS
        closed = set().union(*(taken(*clock.day_bounds(day)) for day in closed_days))
    if world["opened"]:
        OpenedHoliday.objects.create(day=HOLIDAYS[0])
    for weekday, (opens, closes), every_weeks in world["hours"]:
        WorkingHoursFactory(
            practitioner=nurse, location=place, weekday=weekday, starts_at=opens, ends_at=closes,
            every_weeks=every_weeks, valid_from=SINCE,
        )  # fmt: skip
        steps_of_all |= weekly(weekday, opens, closes, every_weeks=every_weeks) - closed
    for stretch in world["extra"]:
        ExtraHours.objects.create(practitioner=nurse, location=place, during=span(*moments_of(stretch)))
        steps_of_all |= taken(*moments_of(stretch))
    return steps_of_all


def _time_off(world, nurse):
    steps_of_all = set()
    for is_for_all, stretch in world["off"]:
        TimeOff.objects.create(practitioner=None if is_for_all else nurse, during=span(*moments_of(stretch)))
        steps_of_all |= taken(*moments_of(stretch))
    for weekday, (opens, closes) in world["pauses"]:
        RegularTimeOff.objects.create(
            practitioner=nurse, weekday=weekday, starts_at=opens, ends_at=closes, valid_from=SINCE
        )
        steps_of_all |= weekly(weekday, opens, closes)
    return steps_of_all


def _visits(world, nurse, place):
    """Only what touches no other is booked; the steps of those that stand."""
    treatment, patient = TreatmentFactory(), PatientFactory()
    busy, booked = set(), set()
    for stretch, status in world["visits"]:
        steps_of_one = taken(*moments_of(stretch))
        if steps_of_one & busy:
            continue
        AppointmentFactory(
            practitioner=nurse, location=place, treatment=treatment, status=status,
            patient=None if status == Status.HELD else patient,
            during=span(*moments_of(stretch)),
            hold_expires_at=NOW + timedelta(days=60) if status == Status.HELD else None,
            cancelled_at=NOW if status == Status.CANCELLED else None,
        )  # fmt: skip
        busy |= steps_of_one
        booked |= steps_of_one if status in STANDS else set()
    return booked
