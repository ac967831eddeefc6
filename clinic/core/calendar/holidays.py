"""The dates of England's public holidays. What they close: `bookings.timetable.rota` shows it,
`bookings.engine.availability.sql` books by it; what falls due on one of them: `clinic.privacy.deadlines`."""

from __future__ import annotations

from datetime import date
from functools import cache

from holidays import country_holidays


def public_holidays(first_day: date, last_day: date) -> dict[date, str]:
    """Those from `first_day` to `last_day`, both included, with their names, in order."""
    found: dict[date, str] = {}
    for year in range(first_day.year, last_day.year + 1):
        found |= {day: name for day, name in _of_year(year).items() if first_day <= day <= last_day}
    return found


@cache
def _of_year(year: int) -> dict[date, str]:
    return dict(sorted(country_holidays("GB", subdiv="ENG", years=year).items()))
