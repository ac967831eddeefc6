"""How dates, times and prices are written for people, on pages, in mails and in text messages.

Times are on the clinic's wall clock: "9:30am", "midday", "Tuesday 24 November". In the hour that comes twice as the
clocks go back, they say which of the two is meant: "1:30am BST".
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache

from clinic.core import clock

NOON = 12


def clock_time(at: datetime) -> str:
    """9am, 9:30am, midday, midnight."""
    local = clock.local(at)
    if local.minute == 0 and local.hour in (0, NOON):
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % NOON or NOON}{minutes}{'am' if local.hour < NOON else 'pm'}{_which(at)}"


def long_day(at: date | datetime) -> str:
    """Tuesday 24 November."""
    day = _day_of(at)
    return f"{day:%A} {day.day} {day:%B}"


def long_date(at: date | datetime) -> str:
    """Tuesday 24 November 2026."""
    return f"{long_day(at)} {_day_of(at).year}"


def short_day(at: date | datetime) -> str:
    """Tue 24 Nov 2026."""
    day = _day_of(at)
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def full_time(at: datetime) -> str:
    """Tuesday 24 November, 10:15am."""
    return f"{long_day(at)}, {clock_time(at)}"


def time_in_letters(at: datetime) -> str:
    """Tuesday 24 November 2026, 10:15am (UK time): for who reads it anywhere, any day."""
    return f"{long_date(at)}, {clock_time(at)} (UK time)"


def short_time(at: datetime) -> str:
    """Tue 24 Nov, 10:15am."""
    day = clock.today(at)
    return f"{day:%a} {day.day} {day:%b}, {clock_time(at)}"


def desk_clock(at: datetime | time) -> str:
    """9:00, 14:30: staff read 24 hours, on pages as `G:i` where the time is no moment."""
    return _moment_at_desk(at.astimezone(UTC)) if isinstance(at, datetime) else f"{at.hour}:{at.minute:02}"


@lru_cache(maxsize=4096)
def _moment_at_desk(at: datetime) -> str:
    """Many visits of a day start at the same times. In UTC: two moments of a doubled hour are equal on London's clock."""
    local = clock.local(at)
    return f"{local.hour}:{local.minute:02}{_which(at)}"


def desk_hours(starts_at: time, ends_at: time) -> str:
    """9:00–17:00."""
    return f"{desk_clock(starts_at)}–{desk_clock(ends_at)}"


def desk_time(at: datetime) -> str:
    """Tuesday 24 November, 14:30."""
    return f"{long_day(at)}, {desk_clock(at)}"


def short_desk_time(at: datetime) -> str:
    """Tue 24 Nov 14:30."""
    local = clock.local(at)
    return f"{local:%a} {local.day} {local:%b} {desk_clock(at)}"


def written_date(day: date) -> str:
    """27 March 1984."""
    return f"{day.day} {day:%B} {day.year}"


def sortable_time(at: datetime) -> str:
    """2026-11-24 10:15, as files have it."""
    return f"{clock.local(at):%Y-%m-%d %H:%M}"


def money(amount: Decimal | int | None) -> str:
    """£60, £62.50 or Free; nothing where there is no price."""
    if amount is None:
        return ""
    if not amount:
        return "Free"
    return f"£{amount:,.0f}" if amount == int(amount) else f"£{amount:,.2f}"


def price_in_words(amount: Decimal | None, *, is_from: bool) -> str:
    """£60, from £60, Free, or nothing where the price is not fixed."""
    price = money(amount)
    return f"from {price}" if is_from and amount else price


def _which(at: datetime) -> str:
    """The name of the clinic's time, where its wall clock alone does not tell the moment."""
    return f" {clock.local(at):%Z}" if clock.comes_twice(at) else ""


def _day_of(at: date | datetime) -> date:
    return clock.today(at) if isinstance(at, datetime) else at
