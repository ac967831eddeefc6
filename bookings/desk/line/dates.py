"""Find a date such as `12 march`, `3 sept 2027` or `3/4` in a line, or say that there is none such. Pure."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Iterable
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Written out, for “10 mary” is no day of March
WRITTEN = (*MONTHS, "january", "february", "march", "april", "june", "july", "august", "sept", "september", "october",
           "november", "december")  # fmt: skip
IN_WORDS = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?\s+(" + "|".join(WRITTEN) + r")\b(?:\s+((?:19|20)\d\d)\b)?", re.IGNORECASE
)
# A year that has passed, or a number that is neither an hour nor a day
BORN = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s./-]+(\d{1,2}|" + "|".join(WRITTEN) + r")\.?,?[\s./-]+"
    r"((?:19|20)\d\d(?!\d)|(?:3[2-9]|[4-9]\d)(?![\s./-]*\d))",
    re.IGNORECASE,
)
IN_NUMBERS = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})()(?![\d/])")


def date_in(text: str, today: date) -> tuple[date | None, str, str]:
    """The first date named, the text without it, and why there is none where one is named; no year: the next such day."""
    for pattern in (IN_WORDS, IN_NUMBERS):
        if found := pattern.search(text):
            day, month = int(found[1]), _month(found[2])
            if found[3] and int(found[3]) < today.year:
                continue  # a birthday
            years = [int(found[3])] if found[3] else [today.year, today.year + 1]
            rest = f"{text[: found.start()]} {text[found.end() :]}"
            dates = list(_dates(day, month, years))
            coming = next((one for one in dates if one >= today), None)
            return coming, rest, "" if coming else _why_not(found[0], day, month, dates, years)
    return None, text, ""


def birthday_in(text: str, today: date) -> tuple[str, str]:
    """The first birthday named, as written, and the text without it; a day of this year or a coming one is none."""
    for found in BORN.finditer(text):
        year = int(found[3]) + (1900 if len(found[3]) == 2 else 0)  # noqa: PLR2004 -- 89 or 1989
        if year < today.year and list(_dates(int(found[1]), _month(found[2]), [year])):
            return found[0], f"{text[: found.start()]} {text[found.end() :]}"
    return "", text


def _month(written: str) -> int:
    start = written[:3].lower()
    return MONTHS.index(start) + 1 if start in MONTHS else int(written)


def _dates(day: int, month: int, years: Iterable[int]) -> Iterable[date]:
    for year in years:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _why_not(written: str, day: int, month: int, dates: list[date], years: list[int]) -> str:
    if dates:
        return f"{written} has passed."
    if not 1 <= month <= len(MONTHS):
        return f"There is no {written}."
    leap_day = (29, 2)
    when = f" in {' or '.join(map(str, years))}" if (day, month) == leap_day else ""
    return f"There is no {day} {month_name[month]}{when}."
