"""What public pages may show of the diary; cached apart from the pages, for a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.core.cache import cache

from bookings.engine.availability.free_times import free_slots
from clinic.catalogue.models import Treatment
from clinic.core import clock

register = template.Library()

LOOKS_AHEAD = timedelta(days=28)
KEPT_SECONDS = 60


@register.simple_tag
def next_free(practitioner_slug: str) -> datetime | None:
    """When this practitioner has time for a first consultation, on the clinic's clock; none within four weeks."""
    times: dict[str, datetime] | None = cache.get_or_set("next-free-times", _next_free_times, KEPT_SECONDS)
    found = (times or {}).get(practitioner_slug)
    return clock.local(found) if found and found > clock.now() else None


def _next_free_times() -> dict[str, datetime]:
    """By practitioner, all in one statement."""
    consultation = Treatment.objects.bookable_online().filter(kind=Treatment.Kind.CONSULTATION).first()
    if consultation is None:
        return {}
    now = clock.now()
    today = clock.today(now)
    slots = free_slots(treatment=consultation, first_day=today, last_day=today + LOOKS_AHEAD, now=now)
    return {slot.practitioner_slug: slot.starts_at for slot in reversed(slots)}
