"""Weekly hours of a practitioner never overlap: PostgreSQL refuses a row if, and only if, some day would have it twice."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from bookings.timetable.models import RegularTimeOff, WorkingHours
from tests.factories.bookings import LocationFactory, WorkingHoursFactory
from tests.factories.clinic import PractitionerFactory

pytestmark = pytest.mark.django_db
MONDAY = date(2027, 3, 1)
DAYS = [
    MONDAY + timedelta(days=n) for n in range(7 * (20 + 20 + 56))
]  # weeks of every seventh and every eighth meet within 56
NAME = "working_hours_never_overlap"


@st.composite
def weeks(draw):
    first = draw(st.integers(0, 140))
    length = draw(st.none() | st.integers(0, 140))
    return {
        "valid_from": DAYS[first],
        "valid_until": None if length is None else DAYS[first + length],
        "every_weeks": draw(st.integers(1, 8)),
    }


def days_of(row):
    return {day for day in DAYS if day.isoweekday() == row.weekday and row.weeks.holds_on(day)}


@given(weeks(), weeks(), st.sampled_from([1, 4, 7]))
def test_a_row_is_refused_if_some_day_would_have_it_twice(one, other, weekday):
    with transaction.atomic():
        first = WorkingHoursFactory(weekday=weekday, **one)
        second = {"practitioner": first.practitioner, "location": first.location, "weekday": weekday, **other}
        would_overlap = bool(days_of(first) & days_of(WorkingHours(**second)))

        assert is_refused(**second) == would_overlap
        transaction.set_rollback(True)


def is_refused(**row):
    try:
        with transaction.atomic():
            WorkingHoursFactory(**row)
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name == NAME
    return False


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "refused"),
    [
        (time(7), time(9), False),
        (time(17), time(18), False),
        (time(7), time(9, 0, 1), True),
        (time(16, 59, 59), time(18), True),
        (time(12), time(13), True),
        (time(8), time(18), True),
    ],
)
def test_hours_may_touch(starts_at, ends_at, refused):
    row = WorkingHoursFactory()

    assert is_refused(practitioner=row.practitioner, starts_at=starts_at, ends_at=ends_at) == refused


def test_nobody_is_at_two_locations_nor_twice_at_one():
    row = WorkingHoursFactory()

    assert is_refused(practitioner=row.practitioner, location=row.location)
    assert is_refused(practitioner=row.practitioner, location=LocationFactory())
    assert not is_refused(practitioner=PractitionerFactory(), location=row.location)
    assert not is_refused(practitioner=row.practitioner, location=row.location, weekday=2)


def test_sql_is_no_way_around_it():
    row = WorkingHoursFactory()
    statement = """
        INSERT INTO bookings_workinghours
            (practitioner_id, location_id, weekday, starts_at, ends_at, valid_from, every_weeks)
        VALUES (%s, %s, 1, '16:00', '20:00', '2150-01-05', 8)"""

    with pytest.raises(IntegrityError, match=NAME), connection.cursor() as cursor:
        cursor.execute(statement, [row.practitioner_id, LocationFactory().pk])


def test_a_form_would_hear_of_it_in_plain_words():
    row = WorkingHoursFactory()
    row.full_clean()  # not of itself
    second = WorkingHours(
        practitioner=row.practitioner, location=row.location, weekday=1, starts_at=time(8), ends_at=time(10),
        valid_from=MONDAY,
    )  # fmt: skip

    with pytest.raises(ValidationError) as refused:
        second.full_clean()
    assert refused.value.messages == ["There are other hours at this time already."]

    second.ends_at = time(7)
    second.valid_until = MONDAY - timedelta(days=1)
    with pytest.raises(ValidationError) as refused:
        second.full_clean()
    assert refused.value.messages == [
        "The hours must end after they start.",
        "The last day cannot be before the first day.",
    ]


def test_breaks_may_overlap():
    for reason in ("Lunch", "School run"):
        RegularTimeOff.objects.create(weekday=1, starts_at=time(12), ends_at=time(13), valid_from=MONDAY, reason=reason)
