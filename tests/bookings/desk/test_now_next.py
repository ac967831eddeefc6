"""Who is in, who is next, and the marks of a clock, for any mix of visits at any time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.desk.now_next import mark_of, now_next
from bookings.templatetags.diary import running_late
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import UPCOMING, Status

NINE = datetime(2027, 3, 2, 9, tzinfo=UTC)
SHOWN = [status for status in Status if status not in (Status.HELD, Status.EXPIRED)]


def at(number):
    return NINE + timedelta(minutes=number)


def visit(pk, start, status=Status.BOOKED, length=30, arrived=None):
    during = span(at(start), at(start + length))
    came = at(arrived) if arrived is not None else None
    return Appointment(pk=pk, status=status, during=during, occupied=during, arrived_at=came)


def state(visits, now, breaks=()):
    return now_next(appointments=visits, breaks=breaks, now=at(now))


def test_one_delay_is_one_number_wherever_it_stands():
    found = now_next(appointments=[visit(1, 0, Status.BOOKED, 30, 0)], breaks=[], now=at(14) + timedelta(seconds=40))

    assert found.marks[1].words == "14 min late"
    assert found.minutes_late == 14


@st.composite
def days(draw):
    rows = [
        visit(pk, pk * 30, draw(st.sampled_from(SHOWN)), draw(st.integers(5, 30)), pk * 30 + draw(st.integers(-30, 30)))
        for pk in range(draw(st.integers(0, 10)))
    ]
    return draw(st.permutations(rows)), draw(st.integers(-60, 400))


@given(days())
def test_in_and_next_are_of_the_day_and_never_over(day):
    rows, now = day
    found = state(rows, now)

    assert found.inside in [*rows, None]
    assert found.next in [*rows, None]
    assert found.inside is None or found.inside.status == Status.IN_PROGRESS
    assert found.next is None or found.next.status in {*UPCOMING, Status.ARRIVED}
    assert (found.inside is None) == all(one.status != Status.IN_PROGRESS for one in rows)
    assert found.next is not None or all(one.status != Status.ARRIVED for one in rows)


@given(days())
def test_only_who_is_still_waited_for_has_a_mark_or_a_delay(day):
    rows, now = day
    found = state(rows, now)
    status_of = {one.pk: one.status for one in rows}

    assert {status_of[pk] for pk in found.marks} <= {*UPCOMING, Status.ARRIVED, Status.IN_PROGRESS}
    assert {status_of[pk] for pk in found.delays} <= {*UPCOMING, Status.ARRIVED}
    assert all(one.minutes >= 3 for one in found.delays.values())
    assert all(mark.icon and mark.words for mark in found.marks.values())


@pytest.mark.parametrize(
    ("one", "now", "words"),
    [
        (visit(1, 0, Status.IN_PROGRESS), 30, None),
        (visit(1, 0, Status.IN_PROGRESS), 39, "over by 9 min"),
        (visit(1, 0, Status.ARRIVED, arrived=-5), 7, "here 12 min"),
        (visit(1, 0), 0, None),
        (visit(1, 0, Status.CONFIRMED), 8, "8 min late"),
        (visit(1, 0, Status.COMPLETED), 90, None),
        (visit(1, 0, Status.NO_SHOW), 90, None),
    ],
)
def test_the_mark_says_how_long(one, now, words):
    mark = mark_of(one, at(now))

    assert (mark.words if mark else None) == words


def test_who_is_here_goes_before_who_is_late():
    late, here = visit(1, 0), visit(2, 30, Status.ARRIVED, arrived=5)

    assert state([late, here], 10).next is here
    assert state([late, here], -5).next is late


def test_a_visit_that_was_never_noted_is_not_waited_for():
    forgotten, now_in, later = visit(1, 0), visit(2, 30, Status.IN_PROGRESS), visit(3, 90)
    found = state([forgotten, now_in, later], 40)

    assert found.inside is now_in
    assert found.next is later
    assert found.marks[1].words == "not noted"
    assert found.delays == {}


def test_the_line_says_how_late_whose_times_and_what_absorbs_it():
    rows = [visit(1, 0, Status.IN_PROGRESS), *(visit(pk, pk * 30 - 30) for pk in (2, 3))]

    def line(rows, now, **more):
        return ": ".join(filter(None, running_late(state(rows, now, **more))))

    assert line(rows, 25) == ""
    assert line(rows[:2], 42) == "12 min late: the 9:30 starts later"
    assert line(rows, 42) == "12 min late: the 9:30 and 10:00 start later"
    rows.append(visit(4, 120))
    lunch = [(at(90), at(120), "Lunch")]
    assert line(rows, 42, breaks=lunch).endswith("9:30 and 10:00 start later, then the lunch absorbs it")
    assert line(rows, 42).endswith("10:00 start later, then a gap absorbs it")
    rows += [visit(pk, pk * 30) for pk in (5, 6, 7)]
    assert "the 9:30, 10:00 and 4 more start later" in line(rows, 110)
