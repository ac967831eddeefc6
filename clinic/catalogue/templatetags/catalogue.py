"""How prices, lengths of time and drawn pictures are written on a page."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from django import template
from django.contrib.staticfiles import finders

from clinic.catalogue.models import Treatment

register = template.Library()


@register.filter
def pounds(amount: Decimal | None) -> str:
    """`£180`, or `£49.50` where there are pence; nothing for no price."""
    if amount is None:
        return ""
    return f"£{amount:,.0f}" if amount == amount.to_integral_value() else f"£{amount:,.2f}"


@register.filter
def price_line(treatment: Treatment) -> str:
    """`from £180`, `£30`, `Free`, or nothing where no price is shown."""
    if treatment.price is None:
        return ""
    if not treatment.price:
        return "Free"
    return f"from {pounds(treatment.price)}" if treatment.is_price_from else pounds(treatment.price)


@register.filter
def length_of_time(minutes: int | None) -> str:
    """Minutes in words: `45 minutes`, `1 hour`, `1 hour 15 minutes`."""
    hours, rest = divmod(minutes or 0, 60)
    parts = [_counted(hours, "hour"), _counted(rest, "minute")]
    return " ".join(part for part in parts if part)


@register.filter
@lru_cache(maxsize=512)
def drawing(name: str, otherwise: str = "consultations") -> str:
    """`name` if static/img/art has such a drawing: an editor's slip must not break the page."""
    return name if name and finders.find(f"img/art/{name}.svg") else otherwise


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}" if number else ""
