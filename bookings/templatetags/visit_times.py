"""How days, times and prices are written for patients: "9:30am", "midday", "Tuesday 24 November", "£60"."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django import template

from bookings.models import Appointment
from clinic.core import clock

register = template.Library()
NOON = 12


@register.filter
def clock_time(at: datetime) -> str:
    """`at` on the clinic's wall clock, as people say it: 9am, 9:30am, midday."""
    local = clock.local(at)
    if local.minute == 0 and local.hour in (0, NOON):
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % NOON or NOON}{minutes}{'am' if local.hour < NOON else 'pm'}"


@register.filter
def long_day(at: date | datetime) -> str:
    """Tuesday 24 November."""
    day = clock.today(at) if isinstance(at, datetime) else at
    return f"{day:%A} {day.day} {day:%B}"


@register.filter
def long_date(at: date | datetime) -> str:
    """Tuesday 24 November 2026."""
    return f"{long_day(at)} {clock.today(at).year if isinstance(at, datetime) else at.year}"


@register.filter
def full_time(at: datetime) -> str:
    """Tuesday 24 November, 10:15am."""
    return f"{long_day(at)}, {clock_time(at)}"


@register.filter
def birthday(day: date) -> str:
    """27 March 1984."""
    return f"{day.day} {day:%B} {day.year}"


def price_in_words(amount: Decimal | None, *, is_from: bool) -> str:
    """£60, from £60, Free, or nothing where the price is not fixed."""
    price = money(amount)
    return f"from {price}" if is_from and amount else price


@register.filter
def agreed_price(visit: Appointment) -> str:
    """The price that was named when this visit was held or booked; nothing where none was."""
    return price_in_words(visit.price, is_from=visit.price_is_from)


@register.filter
def money(amount: Decimal | int | None) -> str:
    """£60, £62.50 or Free; nothing where there is no price."""
    if amount is None:
        return ""
    if not amount:
        return "Free"
    return f"£{amount:,.0f}" if amount == int(amount) else f"£{amount:,.2f}"
