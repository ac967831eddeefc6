"""A date as people write one in three parts: the month in figures, or in letters, whole or begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError

MONTHS = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905 -- reads as one line
)
FOUR_DIGITS = 1000
MONTH_LETTERS = 3


def as_date(written: Sequence[str], what: str) -> date:
    try:
        day, month, year = int(written[0]), _as_month(written[1]), int(written[2])
        if 0 <= year < FOUR_DIGITS:
            raise ValidationError(f"{what} must include a year with 4 numbers", code="year")
        return date(year, month, day)
    except (ValueError, OverflowError) as error:
        raise ValidationError(f"{what} must be a real date, for example 27 3 1984", code="invalid") from error


def _as_month(written: str) -> int:
    if written.isdecimal():
        return int(written)
    matches = [n for n, name in enumerate(MONTHS, 1) if len(written) >= MONTH_LETTERS and name.startswith(written[:9])]
    if written == "sept":
        return 9
    if len(matches) != 1:
        raise ValueError(written)
    return matches[0]
