from datetime import date, time

import pytest

from bookings.timetable.edits import EndBreak, Remove, RowIsGone, SetWeek, WeekStretch
from bookings.timetable.models import ExtraHours
from bookings.timetable.weeks import Weeks
from tests.bookings.moments import NOW
from tests.factories.bookings import WorkingHoursFactory

pytestmark = pytest.mark.django_db


def set_week(row, first, last=None, *, stretches=(), every=1):
    return SetWeek(
        practitioner_id=row.practitioner_id, weeks=Weeks(first, last, every), stretches=stretches
    ).rewritten()


def test_hours_cut_in_two_keep_their_key_in_the_first_part():
    row = WorkingHoursFactory()

    found = set_week(row, date(2027, 3, 8), date(2027, 3, 14))

    assert found.gone == [row]
    assert [(part.pk, part.valid_from, part.valid_until) for part in found.come] == [
        (row.pk, date(2026, 1, 1), date(2027, 3, 7)),
        (None, date(2027, 3, 15), None),
    ]


def test_hours_that_are_not_met_are_left_alone():
    row = WorkingHoursFactory()  # Mondays

    assert set_week(row, date(2027, 3, 9), date(2027, 3, 14)).gone == []
    assert set_week(WorkingHoursFactory(), date(2025, 3, 9), date(2025, 3, 14)).gone == []


def test_a_weekday_that_does_not_come_makes_no_row():
    row = WorkingHoursFactory()
    hours = WeekStretch(1, time(9), time(12), row.location_id)

    assert set_week(row, date(2027, 3, 9), date(2027, 3, 14), stretches=(hours,)).come == []


@pytest.mark.parametrize(
    "edit", [EndBreak(rows=(4711,), first_day=date(2027, 3, 1)), Remove(model=ExtraHours, row=4711, now=NOW)]
)
def test_what_is_gone_is_said(edit):
    with pytest.raises(RowIsGone):
        edit.rewritten()
