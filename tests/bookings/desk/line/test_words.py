from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.desk.line.words import Line, read_line

MONDAY = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("text", "day", "at", "words"),
    [
        ("rowan peel fri 10", date(2027, 3, 5), time(10), ["rowan", "peel"]),
        ("rowan peel mon 9:30", MONDAY, time(9, 30), ["rowan", "peel"]),
        ("rowan peel next mon", date(2027, 3, 8), None, ["rowan", "peel"]),
        ("bay review tomorrow at 2", date(2027, 3, 2), time(14), ["bay", "review"]),
        ("jo ash 07700 900456 peel now", MONDAY, None, ["jo", "ash", "07700900456", "peel"]),
        ("bay review today 2pm", MONDAY, time(14), ["bay", "review"]),
        ("bay review 12am", None, time(0), ["bay", "review"]),
        ("bay review 1430", None, time(14, 30), ["bay", "review"]),
        ("bay review 12 march 11.15", date(2027, 3, 12), time(11, 15), ["bay", "review"]),
        ("bay review 3/4", date(2027, 4, 3), None, ["bay", "review"]),
        ("bay review 28 feb", date(2028, 2, 28), None, ["bay", "review"]),
        ("O’Brien, Siobhán peel wednesday", date(2027, 3, 3), None, ["O’Brien", "Siobhán", "peel"]),
        ("rowan peel weds 10", date(2027, 3, 3), time(10), ["rowan", "peel"]),
        ("peel with marina", None, None, ["peel", "marina"]),
        ("peel fri 10 mary jones", date(2027, 3, 5), time(10), ["peel", "mary", "jones"]),
        ("peel fri 11 decker", date(2027, 3, 5), time(11), ["peel", "decker"]),
        ("peel 3 sept 10", date(2027, 9, 3), time(10), ["peel"]),
        ("07700 900233", None, None, ["07700900233"]),
        ("jo ash 020 7946 0955 peel 10", None, time(10), ["jo", "ash", "02079460955", "peel"]),
        ("jo ash 07700 90 04 56 peel", None, None, ["jo", "ash", "07700900456", "peel"]),
        ("jo ash +44 7700 900 456 1030", None, time(10, 30), ["jo", "ash", "+447700900456"]),
        ("12 march 1989 rowan", None, None, ["12 march 1989", "rowan"]),
        ("rowan 12th Mar 89 peel fri 10", date(2027, 3, 5), time(10), ["12th Mar 89", "rowan", "peel"]),
        ("rowan 12 3 1989", None, None, ["12 3 1989", "rowan"]),
        ("rowan 3/4/55 peel 12 april", date(2027, 4, 12), None, ["3/4/55", "rowan", "peel"]),
        ("rowan peel 12 march 2027 10", date(2027, 3, 12), time(10), ["rowan", "peel"]),
        ("10", None, None, []),
        ("", None, None, []),
    ],
)
def test_a_line(text, day, at, words):
    line = read_line(text, MONDAY)

    assert (line.day, line.at, line.words) == (day, at, words)


@pytest.mark.parametrize("text", ["rowan peel 25", "rowan peel 99"])
def test_what_could_be_a_time_and_is_none_is_told(text):
    assert read_line(text, MONDAY).unclear == [text.split()[-1]]


@given(st.text(max_size=300))
def test_any_text_is_read_without_harm(text):
    line = read_line(text, MONDAY)

    assert isinstance(line, Line)
    assert line.day is None or line.day >= MONDAY


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("rowan peel tomorrow week", date(2027, 3, 9)),
        ("rowan peel today week", date(2027, 3, 8)),
        ("rowan peel fri week", date(2027, 3, 12)),
        ("rowan peel fri fortnight 10", date(2027, 3, 19)),
        ("rowan peel yesterday week", date(2027, 3, 7)),
        ("rowan peel this fri", date(2027, 3, 5)),
    ],
)
def test_a_day_may_be_a_week_or_two_later(text, day):
    line = read_line(text, MONDAY)

    assert (line.day, line.words, line.unclear, line.impossible) == (day, ["rowan", "peel"], [], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rowan yesterday", "Sunday 28 February has passed."),
        ("rowan 31 feb", "There is no 31 February."),
        ("rowan 32 jan", "There is no 32 January."),
        ("rowan 31/2 10", "There is no 31 February."),
        ("rowan 0 march", "There is no 0 March."),
        ("rowan 5/13", "There is no 5/13."),
        ("rowan 28 feb 2027", "28 feb 2027 has passed."),
        ("rowan 25:00", "There is no 25:00."),
        ("rowan 9:75", "There is no 9:75."),
        ("rowan 10:5", "There is no 10:5."),
        ("rowan 13pm", "There is no 13pm."),
        ("25:00", "There is no 25:00."),
    ],
)
def test_a_day_or_a_time_that_there_is_not_is_said_and_no_name(text, said):
    line = read_line(text, MONDAY)

    assert (line.day, line.impossible) == (None, [said])
    assert line.words == [word for word in text.split() if word == "rowan"]


def test_an_hour_that_the_clocks_leave_out_is_said():
    said = "There is no 1:30 on Sunday 28 March: the clocks go forward then."
    assert read_line("rowan 28 march 01:30", MONDAY).impossible == [said]
    assert read_line("rowan 28 march 02:30", MONDAY).impossible == []


def test_a_leap_day_is_missing_from_the_years_that_have_none():
    assert read_line("29 feb", date(2025, 3, 1)).impossible == ["There is no 29 February in 2025 or 2026."]
    assert read_line("29 feb", MONDAY).day == date(2028, 2, 29)


@pytest.mark.parametrize("text", ["rowan peel next week", "rowan peel week"])
def test_a_week_without_a_day_is_left_out_and_told(text):
    line = read_line(text, MONDAY)

    assert (line.words, " ".join(line.unclear)) == (["rowan", "peel"], text.removeprefix("rowan peel "))
