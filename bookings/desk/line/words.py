"""Read the day and the time out of a line such as `rowan peel fri 10`; what is left names a person and a treatment. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, time, timedelta

LONGEST = 150
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORTENED = {"weds": 2}  # which no weekday begins with
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Written out, for “10 mary” is no day of March
WRITTEN = (*MONTHS, "january", "february", "march", "april", "june", "july", "august", "sept", "september", "october",
           "november", "december")  # fmt: skip
NEAR = {"today": 0, "tomorrow": 1, "tmrw": 1, "tmw": 1}
FILLING = {"at", "on", "with", "for", "the", "and"}
IN_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+(" + "|".join(WRITTEN) + r")\b", re.IGNORECASE)
IN_NUMBERS = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?![\d/])")
CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(am|pm)?", re.IGNORECASE)
TOGETHER = re.compile(r"([01]\d|2[0-3])([0-5][05])")  # 1030
FIRST_HOUR, NOON = 7, 12  # 1 to 6 on its own is of the afternoon


@dataclass(frozen=True, slots=True)
class Line:
    """`words` are in the order typed; `unclear` are those that could be a day or a time and make no sense as one."""

    day: date | None = None
    at: time | None = None
    words: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def read_line(text: str, today: date) -> Line:
    """The last day and the last time named count; a day without a year is the next such day."""
    text = text[:LONGEST].replace("\x00", "")
    day, text = _date_in(text, today)
    at: time | None = None
    words: list[str] = []
    unclear: list[str] = []
    is_next = False
    parts = text.split()
    for part in parts:
        word = part.strip(",.;").lower()
        named = _weekday(word)
        if word in FILLING or not word:
            continue
        if word == "next":
            is_next = True
        elif word in NEAR:
            day = today + timedelta(days=NEAR[word])
        elif named is not None:
            day = today + timedelta(days=(named - today.weekday()) % 7 + 7 * is_next)
            is_next = False
        elif (read := _time(word)) and len(parts) > 1:
            at = read
        else:
            (unclear if _looks_like_a_time(word) else words).append(part.strip(",;"))
    return Line(day, at, words, unclear)


def _date_in(text: str, today: date) -> tuple[date | None, str]:
    for pattern in (IN_WORDS, IN_NUMBERS):
        if found := pattern.search(text):
            month = found[2][:3].lower()
            number = MONTHS.index(month) + 1 if month in MONTHS else int(found[2])
            day = _coming(int(found[1]), number, today)
            if day:
                return day, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _coming(day: int, month: int, today: date) -> date | None:
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None


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


def _looks_like_a_time(word: str) -> bool:
    return CLOCK.fullmatch(word) is not None
