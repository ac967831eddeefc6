from datetime import UTC, datetime, time

import pytest

from clinic.core import clock, formats

MORNING = datetime(2026, 7, 7, 8, 5, tzinfo=UTC)  # summer time: nine on the clinic's wall


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.desk_clock(MORNING), "9:05"),
        (formats.desk_clock(time(14, 30)), "14:30"),
        (formats.desk_clock(time(0)), "0:00"),
        (formats.desk_hours(time(9), time(17)), "9:00–17:00"),
        (formats.desk_time(MORNING), "Tuesday 7 July, 9:05"),
        (formats.short_desk_time(MORNING), "Tue 7 Jul 9:05"),
        (formats.desk_clock(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)), "1:30 BST"),
        (formats.desk_clock(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)), "1:30 GMT"),
        (formats.clock_time(datetime(2026, 10, 25, 1, 0, tzinfo=UTC)), "1am GMT"),
        (formats.desk_clock(datetime(2026, 10, 25, 1, 30, tzinfo=clock.LONDON)), "1:30 BST"),
        (formats.desk_clock(datetime(2026, 10, 25, 1, 30, fold=1, tzinfo=clock.LONDON)), "1:30 GMT"),
        (formats.desk_clock(datetime(2026, 10, 25, 2, 0, tzinfo=UTC)), "2:00"),
        (formats.desk_clock(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)), "2:00"),
    ],
)
def test_staff_read_24_hours_without_a_leading_nought(written, expected):
    assert written == expected
