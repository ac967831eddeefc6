"""“Yes, I’m coming”: asked in a reminder and on the page of the visit, answered with one button."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bookings.domain.coming import may_say, say_coming
from bookings.domain.refusals import IllegalMove
from bookings.models import Appointment
from bookings.models.appointment import Status
from bookings.views import summary
from bookings.views.access import link_is_live, remember
from bookings.views.flow import address, go
from bookings.views.visit import broken_link, for_those_who_may_see, page
from clinic.core import clock


@require_GET
def coming_link(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the secret in a reminder's address for a clean one. Confirms nothing: mail programs follow links too."""
    appointment = Appointment.objects.for_link(token).visits().first()
    if appointment is None or not link_is_live(appointment, clock.now()):
        return broken_link(request)
    remember(request, appointment)
    return go("coming", {}, appointment.reference)


@page
@for_those_who_may_see
def coming(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    if request.method == "POST":
        try:
            say_coming(appointment=appointment, now=clock.now())
        except IllegalMove:  # cancelled, begun or over meanwhile: the page says which
            appointment.refresh_from_db()
            return _page(request, appointment, status=409)
        return go("coming", {}, appointment.reference)
    return _page(request, appointment)


def _page(request: HttpRequest, appointment: Appointment, *, status: int = 200) -> HttpResponse:
    now = clock.now()
    context = {
        "appointment": appointment,
        "rows": [row for row in summary.visit_rows(appointment) if row.label in {"When", "With", "Where"}],
        "may_say": may_say(appointment, now),
        "has_said": appointment.status == Status.CONFIRMED and appointment.starts_at > now,
        "is_cancelled": appointment.status == Status.CANCELLED,
        "back_url": address("visit", {}, appointment.reference),
    }
    return render(request, "bookings/visit/coming.html", context, status=status)
