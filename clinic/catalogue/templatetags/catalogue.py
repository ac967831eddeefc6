"""How lengths of time and drawn pictures are written on a page."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.contrib.staticfiles import finders

from clinic.catalogue.consultations import consultation_before
from clinic.catalogue.models import Treatment

register = template.Library()


@register.filter
def to_book(treatment: Treatment) -> Treatment | None:
    """What its page offers to book: itself, or the consultation that comes before it."""
    return consultation_before(treatment) if treatment.requires_consultation else treatment


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
