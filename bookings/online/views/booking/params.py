"""What the addresses of the flow's pages carry from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.validators import slug_re

from bookings.visits.models import Appointment
from bookings.visits.refusals import Reason, Refusal
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError

LOST = {"lost": "yes"}


GONE = {"gone": "yes"}  # what was to be booked is not offered online any more


def stays(query: Mapping[str, str]) -> dict[str, str]:
    """The part of an address that its form hands on."""
    return {name: query[name] for name in ("day", "before") if name in query}


def treatment_before(booked: Treatment, query: Mapping[str, str]) -> Treatment | None:
    """What was asked for (`?before=`), where the consultation that is booked has to come before it."""
    slug = query.get("before", "")
    if booked.kind != Treatment.Kind.CONSULTATION or not slug_re.match(slug):
        return None
    asked = Treatment.objects.bookable_online().filter(slug=slug).first()
    return asked if asked and asked.is_gated else None


def taken_params(params: dict[str, str], starts_at: datetime, reason: Reason | None = None) -> dict[str, str]:
    """The address of the times page that says why a time cannot be had, and offers the nearest."""
    why = {"why": reason.value} if reason else {}
    return {**params, "day": clock.today(starts_at).isoformat(), "taken": clock.local(starts_at).isoformat(), **why}


def why_params(refusal: DomainError | None) -> dict[str, str]:
    """The part of an address that says why a time was refused, where that is known."""
    reason = refusal.reason if isinstance(refusal, Refusal) else None
    return {"why": reason.value} if reason else {}


def day_of(hold: Appointment) -> dict[str, str]:
    return {"day": clock.today(hold.starts_at).isoformat()}
