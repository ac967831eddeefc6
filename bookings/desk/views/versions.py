"""Which version of a visit a staff page showed, and what changed since."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from bookings.visits.access import visits_of
from bookings.visits.history import Happening, history
from bookings.visits.models import Appointment
from bookings.visits.refusals import Stale
from clinic.core.errors import DomainError


def visit_of(request: HttpRequest, reference: str) -> Appointment:
    """The visit to change; 404 where it is not theirs who asks."""
    return get_object_or_404(visits_of(request.user).with_details(), reference=reference)


def version_shown(request: HttpRequest) -> int:
    """The version that the page showed; 0, which never is, when it does not say."""
    written = request.POST.get("version", "")
    return int(written) if written.isdecimal() and len(written) < 9 else 0  # noqa: PLR2004 -- fits the column


def since(request: HttpRequest, refusal: DomainError) -> int | None:
    """The version since which the page has to tell what changed; None unless it was out of date."""
    return version_shown(request) if isinstance(refusal, Stale) else None


def meanwhile_of(appointment: Appointment, since: int | None) -> list[Happening]:
    return history(appointment, after=since) if since else []
