"""What the people of an account wait for."""

from __future__ import annotations

from typing import Any

from bookings.online.views.my.opened import Opened
from clinic.patients.models import Patient


def waiting_of(opened: Opened) -> list[Any]:
    """What they wait for. The waiting list stands above these pages, so it is found by its relation."""
    entries: Any = Patient.waiting_entries.rel.related_model  # type: ignore[attr-defined]
    waiting = entries.objects.filter(patient__in=opened.with_visits, state="waiting")
    return list(waiting.select_related("treatment", "patient").order_by("created_at", "pk"))
