from datetime import date, time

from bookings.desk.hours.weeks_shown import weeks_shown
from bookings.timetable.models import Location, WorkingHours

MONDAY = date(2027, 3, 1)
PLACE = Location(pk=1, name="Maidstone")


def row(weekday, first, last=None, every=1, hours=(9, 12)):
    starts_at, ends_at = map(time, hours)
    known = {"weekday": weekday, "starts_at": starts_at, "ends_at": ends_at, "location": PLACE}
    return WorkingHours(valid_from=first, valid_until=last, every_weeks=every, **known)


def shown(*rows, today=MONDAY):
    """When, and on which weekdays there are hours."""
    weeks = weeks_shown(rows, today, names_places=False)
    return [(one.when, [n + 1 for n, day in enumerate(one.days) if day]) for one in weeks]


def test_what_holds_now_comes_first_and_what_has_passed_is_left_out():
    rows = [row(1, date(2026, 1, 1), date(2027, 2, 28)), row(2, MONDAY, date(2027, 4, 4)), row(3, date(2027, 4, 5))]

    assert shown(*rows) == [("Now to Sun 4 Apr 2027", [2]), ("From Mon 5 Apr 2027", [3])]


def test_the_same_week_in_two_rows_is_one():
    assert shown(row(1, MONDAY, date(2027, 4, 4)), row(1, date(2027, 4, 5))) == [("Now", [1])]


def test_hours_to_come_say_from_when():
    assert shown(row(1, date(2027, 3, 15))) == [("Now to Sun 14 Mar 2027", []), ("From Mon 15 Mar 2027", [1])]


def test_hours_that_end_leave_no_hours():
    assert shown(row(1, MONDAY, date(2027, 3, 14))) == [("Now to Sun 14 Mar 2027", [1]), ("From Mon 15 Mar 2027", [])]


def test_two_weeks_in_turn_are_one_stretch_though_the_second_begins_a_week_later():
    rows = [row(1, date(2027, 3, 8), every=2), row(2, date(2027, 3, 15), every=2), row(5, MONDAY, date(2027, 3, 7))]

    assert shown(*rows) == [("Now to Sun 7 Mar 2027", [5]), ("From Mon 8 Mar 2027", [1, 2])]


def test_hours_of_some_weeks_say_when_they_come_next_and_where():
    weeks = weeks_shown([row(6, date(2027, 2, 22), every=2)], MONDAY, names_places=True)

    assert [(one.hours, one.note) for one in weeks[0].days[5]] == [
        ("9:00–12:00", "every other week, next Sat 13 Mar, Maidstone")
    ]


def test_nothing_set_is_nothing_shown():
    assert shown() == []
