"""“Yes, I’m coming”: asked in a reminder and on the page of the visit, answered with one button."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.engine.attendance import say_coming
from bookings.online.views import summary
from bookings.online.views.access import open_to
from bookings.online.views.booking.flow import address, go
from bookings.online.views.visit.page import FROM_NO_PAGE, broken_link, for_those_who_may_see, page, version_seen
from bookings.visits.links import link_is_live
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.policy import may_move
from bookings.visits.refusals import Busy, IllegalMove, Stale
from clinic.core import clock


@require_safe
def coming_link(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the secret in a reminder's address for a clean one. Confirms nothing: mail programs follow links too."""
    appointment = Appointment.objects.for_link(token).visits().first()
    if appointment is None or not link_is_live(appointment, clock.now()):
        return broken_link(request)
    open_to(request, appointment)
    return go("coming", {}, appointment.reference)


@page
@for_those_who_may_see
def coming(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    if request.method == "POST":
        try:
            say_coming(appointment=appointment, now=clock.now(), version=version_seen(request) or FROM_NO_PAGE)
        except (IllegalMove, Stale) as refusal:  # moved, cancelled, begun or over meanwhile: the page says which
            now_is = Appointment.objects.with_details().get(pk=appointment.pk)
            return _page(request, now_is, was_changed=isinstance(refusal, Stale))
        except Busy as refusal:
            return _page(request, appointment, refusal=str(refusal))
        return go("coming", {}, appointment.reference)
    return _page(request, appointment)


def _page(
    request: HttpRequest, appointment: Appointment, *, was_changed: bool | None = None, refusal: str = ""
) -> HttpResponse:
    """`was_changed` says whether an answer was refused because the visit is no longer what its page showed."""
    now = clock.now()
    context = {
        "appointment": appointment,
        "rows": [row for row in summary.visit_rows(appointment) if row.label in {"When", "With", "Where"}],
        "was_changed": was_changed,
        "refusal": refusal,
        "may_say": appointment.may_be_confirmed(now),
        "may_move": may_move(appointment, now),
        "has_said": appointment.status == Status.CONFIRMED and appointment.starts_at > now,
        "is_cancelled": appointment.status == Status.CANCELLED,
        "back_url": address("visit", {}, appointment.reference),
    }
    return render(
        request, "bookings/online/visit/coming.html", context, status=409 if refusal or was_changed is not None else 200
    )
