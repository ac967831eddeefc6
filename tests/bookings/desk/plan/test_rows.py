from datetime import date, datetime, time, timedelta

import pytest

from bookings.desk.plan.rows import time_span
from clinic.core.clock import LONDON, day_bounds


def at(day, hour, minute=0):
    return datetime.combine(day, time(hour, minute), tzinfo=LONDON)


MONDAY, SUNDAY = date(2026, 11, 30), date(2026, 12, 13)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "expected"),
    [
        (at(MONDAY, 9), at(MONDAY, 17), "Mon 30 Nov 9:00 to 17:00"),
        (at(MONDAY, 14), at(SUNDAY, 9, 30), "Mon 30 Nov 14:00 to Sun 13 Dec 9:30"),
        (*day_bounds(MONDAY), "Mon 30 Nov"),
        (day_bounds(MONDAY)[0], day_bounds(SUNDAY)[1], "Mon 30 Nov to Sun 13 Dec"),
        (*day_bounds(date(2027, 3, 28)), "Sun 28 Mar"),  # the clocks go forward
        (*day_bounds(date(2026, 10, 25)), "Sun 25 Oct"),  # and back
        (at(MONDAY, 12), day_bounds(MONDAY)[1], "Mon 30 Nov 12:00 to Tue 1 Dec 0:00"),
        (day_bounds(MONDAY)[0], day_bounds(MONDAY)[1] - timedelta(hours=1), "Mon 30 Nov 0:00 to 23:00"),
        (day_bounds(MONDAY)[0], None, "from Mon 30 Nov on"),
    ],
)
def test_whole_days_are_said_without_times(starts_at, ends_at, expected):
    assert time_span(starts_at, ends_at) == expected
