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
        ("07700 900233", None, None, ["07700", "900233"]),
        ("10", None, None, []),
        ("", None, None, []),
    ],
)
def test_a_line(text, day, at, words):
    line = read_line(text, MONDAY)

    assert (line.day, line.at, line.words) == (day, at, words)


@pytest.mark.parametrize("text", ["rowan peel 25", "rowan peel 9:75", "rowan peel 13pm"])
def test_what_could_be_a_time_and_is_none_is_told(text):
    assert read_line(text, MONDAY).unclear == [text.split()[-1]]


@given(st.text(max_size=300))
def test_any_text_is_read_without_harm(text):
    line = read_line(text, MONDAY)

    assert isinstance(line, Line)
    assert line.day is None or line.day >= MONDAY
