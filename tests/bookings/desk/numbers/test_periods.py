from datetime import date, timedelta

import pytest

from bookings.desk.numbers.periods import Period


@pytest.mark.parametrize(
    ("kind", "first", "last", "before", "after", "words"),
    [
        ("day", date(2027, 3, 31), date(2027, 3, 31), date(2027, 3, 30), date(2027, 4, 1), "Wednesday 31 March"),
        ("week", date(2027, 3, 29), date(2027, 4, 4), date(2027, 3, 22), date(2027, 4, 5), "29 March to 4 April 2027"),
        ("month", date(2027, 3, 1), date(2027, 3, 31), date(2027, 2, 1), date(2027, 4, 1), "March 2027"),
        ("year", date(2027, 3, 29), date(2027, 4, 4), date(2027, 3, 22), date(2027, 4, 5), "29 March to 4 April 2027"),
        (None, date(2027, 3, 29), date(2027, 4, 4), date(2027, 3, 22), date(2027, 4, 5), "29 March to 4 April 2027"),
    ],
)
def test_a_period_lies_between_the_one_before_and_the_one_after(  # noqa: PLR0917
    kind, first, last, before, after, words
):
    period = Period.around(date(2027, 3, 31), kind)

    assert (period.first, period.last) == (first, last)
    assert (period.before.first, period.before.last) == (before, first - timedelta(days=1))
    assert period.after.first == after
    assert str(period) == words


def test_the_week_in_which_the_clocks_go_forward_is_an_hour_shorter():
    week = Period.around(date(2027, 3, 28), "week")

    assert week.ends_at.timestamp() - week.starts_at.timestamp() == 7 * 86400 - 3600


def test_december_ends_the_year():
    month = Period.around(date(2026, 12, 15), "month")

    assert (month.last, month.after.first, month.before.first) == (
        date(2026, 12, 31),
        date(2027, 1, 1),
        date(2026, 11, 1),
    )
