"""The clock of requests about data: the same day next month, or the next working day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core import clock
from clinic.privacy.deadlines import due_on, end_of_keeping, is_day_off, latest_extension

DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2039, 12, 31))


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2027, 3, 3), date(2027, 4, 5)),  # 3 April is a Saturday
        (date(2027, 1, 29), date(2027, 3, 1)),  # 28 February is a Sunday
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2027, 1, 31), date(2027, 3, 1)),
        (date(2027, 8, 31), date(2027, 9, 30)),
        (date(2026, 11, 25), date(2026, 12, 29)),  # Christmas Day, a weekend, and Boxing Day on the Monday
        (date(2027, 2, 26), date(2027, 3, 30)),  # Good Friday to Easter Monday
        (date(2027, 11, 30), date(2027, 12, 30)),
    ],
)
def test_the_same_day_next_month_or_the_next_working_day(received, due):
    assert due_on(received) == due


@given(DAYS, st.integers(min_value=0, max_value=60))
def test_it_is_never_early_never_on_a_day_off_and_within_a_week_of_the_month(received, waited):
    month = clock.months_after(received, 1) + timedelta(days=waited)

    due = due_on(received, paused_days=waited)

    assert not is_day_off(due)
    assert month <= due <= month + timedelta(days=6)
    assert all(is_day_off(month + timedelta(days=n)) for n in range((due - month).days))


@given(DAYS, DAYS)
def test_who_asks_later_is_answered_no_earlier(one, other):
    first, second = sorted((one, other))

    assert due_on(first) <= due_on(second)


@given(DAYS, st.integers(min_value=1, max_value=12))
def test_months_keep_the_day_or_end_the_month(day, months):
    after = clock.months_after(day, months)

    assert (after.year - day.year) * 12 + after.month - day.month == months
    assert after.day == day.day or ((after + timedelta(days=1)).day == 1 and after.day < day.day)


@given(DAYS)
def test_an_extension_leaves_time_after_the_day_that_was_due(received):
    assert latest_extension(received) > due_on(received)


def test_a_record_is_kept_to_the_end_of_the_eighth_year_after():
    assert end_of_keeping(date(2027, 1, 1)) == date(2035, 12, 31)
    assert end_of_keeping(date(2028, 2, 29)) == date(2036, 12, 31)
