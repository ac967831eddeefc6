from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.timetable.weeks import MOST_WEEKS, TooManyWeeks, Weeks, without

START = date(2027, 3, 1)  # a Monday
DAYS = [START + timedelta(days=n) for n in range(400)]


@st.composite
def weeks(draw):
    first = draw(st.integers(0, 120))
    length = draw(st.none() | st.integers(0, 120))
    last = None if length is None else DAYS[first + length]
    return Weeks(DAYS[first], last, draw(st.sampled_from([1, 1, 2, 3, 4, 6, 8])))


def held(some):
    return {day for day in DAYS if some.holds_on(day)}


@given(weeks(), weeks())
def test_what_is_left_is_what_was_and_was_not_taken(had, taken):
    try:
        left = without(had, taken)
    except TooManyWeeks:
        return

    days = [day for part in left for day in held(part)]
    assert sorted(days) == sorted(held(had) - held(taken))  # each of them once
    assert all(part.every <= MOST_WEEKS for part in left)
    assert all(part.last_day is None or part.first_day <= part.last_day for part in left)


@given(weeks(), weeks())
def test_what_never_meets_is_left_as_it_is(had, taken):
    if not held(had) & held(taken) and had.last_day and taken.last_day:
        assert {day for part in without(had, taken) for day in held(part)} == held(had)


def test_weeks_that_meet_after_the_last_day_alone_do_not_meet():
    had = Weeks(START, START + timedelta(days=7), every=3)

    assert without(had, Weeks(START + timedelta(days=7), START + timedelta(days=7), every=4)) == [had]


def test_every_week_less_every_other_leaves_the_other():
    assert without(Weeks(START), Weeks(START + timedelta(days=7), every=2)) == [
        Weeks(START, START + timedelta(days=6)),
        Weeks(START + timedelta(days=14), every=2),
    ]


def test_one_week_taken_from_a_fortnight_keeps_its_turn():
    had = Weeks(date(2027, 3, 6), every=2)  # Saturdays of the 6th, the 20th …

    left = without(had, Weeks(date(2027, 3, 8), date(2027, 3, 28)))

    assert [part.next_on(6, START) for part in left] == [date(2027, 3, 6), date(2027, 4, 3)]


def test_what_would_come_again_after_twelve_weeks_cannot_be_said():
    with pytest.raises(TooManyWeeks):
        without(Weeks(START, every=3), Weeks(START, every=4))


@pytest.mark.parametrize(
    ("weekday", "day", "found"),
    [(1, START, START), (1, date(2027, 3, 2), date(2027, 3, 15)), (3, date(2027, 3, 18), None)],
)
def test_the_next_day_on_which_they_hold(weekday, day, found):
    assert Weeks(START, date(2027, 3, 21), every=2).next_on(weekday, day) == found
