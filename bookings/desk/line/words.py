"""Read the day and the time out of a line such as `rowan peel fri 10`; what is left names a person and a treatment. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from bookings.desk.line.dates import birthday_in, date_in
from clinic.core import clock
from clinic.core.formats import desk_clock, long_day

LONGEST = 150
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORTENED = {"weds": 2}  # which no weekday begins with
NEAR = {"yesterday": -1, "today": 0, "now": 0, "tomorrow": 1, "tmrw": 1, "tmw": 1}
LATER = {"week": 7, "wk": 7, "fortnight": 14}  # days after the day just named: “tomorrow week”
FILLING = {"at", "on", "with", "for", "the", "and", "this"}
CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(am|pm)?", re.IGNORECASE)
CLOCKLIKE = re.compile(r"\d{1,2}[:.]\d{1,3}(?:am|pm)?|\d{1,4}(?:am|pm)", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\d+])(?:\+44 ?\d|0\d{2})(?: ?\d){7,9}(?!\d)")  # of a telephone: its parts are no times
TOGETHER = re.compile(r"([01]\d|2[0-3])([0-5][05])")  # 1030
FIRST_HOUR, NOON = 7, 12  # 1 to 6 on its own is of the afternoon


@dataclass(frozen=True, slots=True)
class Line:
    """`words` are in the order typed, but a birthday comes first and is one; `unclear` are those that could be a day or a time and make no sense as one.

    `impossible` says in sentences which day or time there is not, or has passed: then no other is guessed.
    """

    day: date | None = None
    at: time | None = None
    words: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)


def read_line(text: str, today: date) -> Line:
    """The last day and the last time named count; a day without a year is the next such day."""
    text = text[:LONGEST].replace("\x00", "")
    text = NUMBER.sub(lambda number: number[0].replace(" ", ""), text)
    born, text = birthday_in(text, today)
    day, text, wrong = date_in(text, today)
    reader = _Reader(today, day, [wrong] if wrong else [])
    reader.words += [born] if born else []
    parts = [part for part in text.split() if part.strip(",.;")]
    for part in parts:
        reader.take(part.strip(",;"), part.strip(",.;").lower(), is_alone=len(parts) == 1)
    return reader.line()


class _Reader:
    """What the words read so far have said."""

    def __init__(self, today: date, day: date | None, impossible: list[str]) -> None:
        self.today, self.day = today, day
        self.at: time | None = None
        self.words: list[str] = []
        self.unclear: list[str] = []
        self.impossible = impossible
        self.is_next = self.may_be_later = False

    def take(self, part: str, word: str, *, is_alone: bool) -> None:
        may_be_later, self.may_be_later = self.may_be_later, False
        if word in LATER:
            self._later(part, word, follows_a_day=may_be_later)
        elif word == "next":
            self.is_next = True
        elif (named := self._day_named(word)) is not None:
            self.day, self.may_be_later = named, True
        elif word not in FILLING:
            self._take_time_or_word(part, word, is_alone=is_alone)

    def _later(self, part: str, word: str, *, follows_a_day: bool) -> None:
        if self.day and follows_a_day:
            self.day += timedelta(days=LATER[word])
        else:
            self.unclear.append(f"next {part}" if self.is_next else part)
            self.is_next = False

    def _day_named(self, word: str) -> date | None:
        if word in NEAR:
            return self.today + timedelta(days=NEAR[word])
        weekday = _weekday(word)
        if weekday is None:
            return None
        named = self.today + timedelta(days=(weekday - self.today.weekday()) % 7 + 7 * self.is_next)
        self.is_next = False
        return named

    def _take_time_or_word(self, part: str, word: str, *, is_alone: bool) -> None:
        read = _time(word)
        if read and not is_alone:
            self.at = read
        elif read is None and CLOCKLIKE.fullmatch(word):
            self.impossible.append(f"There is no {part}.")
        else:
            (self.unclear if CLOCK.fullmatch(word) else self.words).append(part)

    def line(self) -> Line:
        day = self.day
        if day and day < self.today:
            self.impossible.append(f"{long_day(day)} has passed.")
            day = None
        elif day and self.at and clock.is_left_out(day, self.at):
            self.impossible.append(f"There is no {desk_clock(self.at)} on {long_day(day)}: the clocks go forward then.")
        return Line(day, self.at, self.words, self.unclear, self.impossible)


def _weekday(word: str) -> int | None:
    shortest = 3  # letters of a weekday
    if len(word) < shortest:
        return None
    return next((number for number, name in enumerate(WEEKDAYS) if name.startswith(word)), SHORTENED.get(word))


def _time(word: str) -> time | None:
    if together := TOGETHER.fullmatch(word):
        return time(int(together[1]), int(together[2]))
    found = CLOCK.fullmatch(word)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        hour = hour % NOON + (NOON if half == "pm" else 0)
    elif hour < FIRST_HOUR and not word.startswith("0"):
        hour += NOON
    is_one = hour < 24 and minute < 60 and not (half and int(found[1]) > NOON)  # noqa: PLR2004 -- a clock
    return time(hour, minute) if is_one else None
