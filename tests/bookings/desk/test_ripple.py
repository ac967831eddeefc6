"""The delays of a day: never earlier than planned, one after the other, absorbed by gaps, none when on time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bookings.desk.ripple import Planned, State, ripple

NINE = datetime(2027, 3, 2, 9, tzinfo=UTC)


def minutes(number):
    return timedelta(minutes=number)


def at(number):
    return NINE + minutes(number)


def visit(key, start, length=30, **more):
    return Planned(key=key, starts_at=at(start), ends_at=at(start + length), **more)


def delays(visits, now, breaks=()):
    found = ripple(visits=visits, breaks=breaks, now=at(now))
    return {one.key: one.minutes for one in found.expected}, found.absorbed_by


@st.composite
def days(draw):
    """Visits one after the other with gaps, their cleaning, the first perhaps in, and a moment."""
    found, start = [], draw(st.integers(0, 30))
    for key in range(draw(st.integers(0, 8))):
        length, gap = draw(st.integers(5, 90)), draw(st.integers(0, 60))
        state = draw(st.sampled_from([State.IN, *State])) if key == 0 else draw(st.sampled_from(list(State)[:2]))
        came = at(start + draw(st.integers(-20, 40))) if state != State.TO_COME else None
        before, after = (minutes(draw(st.integers(0, 15))) for _ in range(2))
        found.append(visit(key, start, length, before=before, after=after, state=state, arrived_at=came))
        start += length + gap
    return found, at(draw(st.integers(-60, 600)))


@given(days())
def test_nothing_is_expected_before_its_time_and_no_two_at_once(day):
    visits, now = day

    found = ripple(visits=visits, breaks=(), now=now).expected

    assert [one.key for one in found] == [one.key for one in visits]
    for one, planned in zip(found, visits, strict=True):
        assert one.starts_at >= planned.starts_at
        assert one.delay == one.starts_at - planned.starts_at
        assert planned.state == State.IN or one.starts_at >= now
        assert one.ends_at - one.starts_at >= planned.ends_at - planned.starts_at
    for former, latter in pairwise(found):
        assert latter.starts_at >= former.ends_at


@given(days(), st.integers(0, 120))
def test_it_only_gets_later_as_the_clock_goes_on(day, more):
    visits, now = day

    before = ripple(visits=visits, breaks=(), now=now).expected
    after = ripple(visits=visits, breaks=(), now=now + minutes(more)).expected

    assert all(later.starts_at >= one.starts_at for one, later in zip(before, after, strict=True))


@given(days())
def test_who_is_on_time_delays_nobody(day):
    visits, _ = day
    start = min((one.starts_at for one in visits), default=NINE)
    punctual = [
        Planned(key=one.key, starts_at=one.starts_at, ends_at=one.ends_at, before=one.before, after=one.after)
        for one in visits
    ]

    found = ripple(visits=punctual, breaks=(), now=start)

    assert found.late == []
    assert found.absorbed_by == ""


@given(days())
def test_a_delay_grows_by_no_more_than_waiting_for_now_and_shrinks_only_by_free_time(day):
    visits, now = day

    found = ripple(visits=visits, breaks=(), now=now).expected

    for (former, latter), (one, two) in zip(pairwise(found), pairwise(visits), strict=True):
        over = (former.ends_at - former.starts_at) - (one.ends_at - one.starts_at)
        slack = two.starts_at - one.ends_at
        assert latter.delay >= former.delay + over - slack
        assert latter.delay <= max(former.delay + over, now - two.starts_at, timedelta())


def test_the_one_who_is_over_delays_those_after_until_the_break():
    visits = [visit(1, 0, state=State.IN), visit(2, 30), visit(3, 60), visit(4, 120)]
    lunch = [(at(90), at(120), "Lunch")]

    assert delays(visits, 42, lunch) == ({1: 0, 2: 12, 3: 12, 4: 0}, "Lunch")
    assert delays(visits, 42) == ({1: 0, 2: 12, 3: 12, 4: 0}, "a gap")
    assert delays(visits[:3], 42) == ({1: 0, 2: 12, 3: 12}, "")


def test_cleaning_is_kept_and_what_lies_beyond_absorbs():
    visits = [visit(1, 0, state=State.IN, after=minutes(10)), visit(2, 45, before=minutes(5)), visit(3, 75)]

    assert delays(visits, 40) == ({1: 0, 2: 10, 3: 10}, "")
    assert delays(visits, 30) == ({1: 0, 2: 0, 3: 0}, "")


def test_who_came_late_is_given_the_full_length():
    visits = [visit(1, 0, state=State.IN, arrived_at=at(20)), visit(2, 30)]

    assert delays(visits, 25) == ({1: 20, 2: 20}, "")


def test_who_is_taken_before_their_time_delays_nobody_for_longer_than_they_stay():
    taken_first = visit(3, 90, state=State.IN, arrived_at=at(0), after=minutes(5))
    visits = [visit(1, 20, before=minutes(5)), visit(2, 60), taken_first]

    assert delays(visits, 1) == ({1: 20, 2: 10, 3: 0}, "")
    assert delays(visits, 35) == ({1: 25, 2: 15, 3: 0}, "")


def test_two_who_are_in_at_once_do_not_wait_for_each_other():
    visits = [visit(1, 0, 45, state=State.IN), visit(2, 60), visit(3, 105, 45, state=State.IN, arrived_at=at(16))]

    assert delays(visits, 16)[0] == {1: 0, 2: 1, 3: 0}


def test_a_part_of_a_minute_does_not_count():
    found = ripple(visits=[visit(1, 0)], breaks=(), now=NINE + timedelta(minutes=4, seconds=59))

    assert [one.minutes for one in found.expected] == [4]
