from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.messages.planning.due_times import LASTS, Rule, after_due, is_quiet, outside_quiet_hours, reminder_due

LONDON = ZoneInfo("Europe/London")
BY_EMAIL = Rule(kind="reminder", channel="email", hours=48)
BY_SMS = Rule(kind="reminder", channel="sms", hours=24)
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def wall(*args):
    return datetime(*args, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("due", "starts_at", "expected"),
    [
        (wall(2026, 11, 24, 10), wall(2026, 11, 25, 10), wall(2026, 11, 24, 10)),
        (wall(2026, 11, 24, 21), wall(2026, 11, 25, 21), wall(2026, 11, 25, 8)),
        (wall(2026, 11, 24, 7, 59), wall(2026, 11, 25, 8), wall(2026, 11, 24, 8)),
        (wall(2026, 11, 24, 6, 30), wall(2026, 11, 24, 8, 30), wall(2026, 11, 23, 20, 59)),
        (wall(2026, 11, 24, 6, 30), wall(2026, 11, 24, 10), wall(2026, 11, 24, 8)),
        (wall(2027, 3, 27, 22), wall(2027, 3, 28, 9), wall(2027, 3, 27, 20, 59)),
        (wall(2027, 10, 30, 23), wall(2027, 10, 31, 12), wall(2027, 10, 31, 8)),
    ],
)
def test_reminders_stay_out_of_the_night(due, starts_at, expected):
    assert outside_quiet_hours(due, starts_at=starts_at) == expected


@given(
    due=MOMENTS,
    lead=st.integers(1, 72 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_a_reminder_is_by_day_and_before_the_visit(due, lead):
    shifted = outside_quiet_hours(due, starts_at=due + lead)

    assert not is_quiet(shifted)
    assert shifted < due + lead


@given(MOMENTS, st.integers(0, 100 * 60))
def test_no_reminder_is_planned_in_the_past(now, minutes):
    starts_at = now + timedelta(minutes=minutes)

    for rule in (BY_EMAIL, BY_SMS):
        due = reminder_due(rule, starts_at=starts_at, now=now)
        assert due is None or now < due < starts_at


def test_a_visit_booked_late_gets_only_the_reminders_still_to_come():
    starts_at = wall(2026, 11, 25, 12)
    now = starts_at - timedelta(hours=30)

    assert reminder_due(BY_EMAIL, starts_at=starts_at, now=now) is None
    assert reminder_due(BY_SMS, starts_at=starts_at, now=now) == starts_at - timedelta(hours=24)


def test_a_reminder_of_a_year_before_is_as_good_as_one_of_an_hour():
    starts_at = wall(2027, 11, 25, 12)

    for hours in (1, 365 * 24):
        rule = Rule(kind="reminder", channel="email", hours=hours)
        assert reminder_due(rule, starts_at=starts_at, now=wall(2026, 11, 1)) == starts_at - timedelta(hours=hours)


@given(ends_at=MOMENTS, late=st.integers(0, 20 * 24 * 60), kind=st.sampled_from(sorted(LASTS)))
def test_what_follows_a_visit_comes_by_day_not_before_now_and_while_it_is_of_use(ends_at, late, kind):
    now = ends_at + timedelta(minutes=late)
    due = after_due(Rule(kind=kind, channel="email", hours=24), ends_at=ends_at, now=now)

    if due is None:
        assert now + timedelta(hours=11) >= ends_at + timedelta(hours=24) + LASTS[kind]
    else:
        assert not is_quiet(due[0])
        assert max(now, ends_at + timedelta(hours=24)) <= due[0] < due[1]
