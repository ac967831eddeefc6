"""A visit as its patient sees it, and the way to it. To move and to cancel it: `change`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from bookings.engine.attendance import is_asked
from bookings.engine.series.courses import course_of
from bookings.engine.series.follow_ups import follow_up_of
from bookings.messages.planning import links
from bookings.messages.planning.invitations import token_of
from bookings.online.forms.find_visit import FindVisitForm
from bookings.online.views import summary
from bookings.online.views.access import note_opened, open_to, visit_for
from bookings.online.views.account import own_patients
from bookings.online.views.booking.flow import go
from bookings.online.views.proof import has_proved
from bookings.visits import agreement, ical
from bookings.visits.links import link_is_live
from bookings.visits.models import Appointment
from bookings.visits.policy import may_cancel, may_move, moves_until
from clinic.accounts.models import User
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.core.web.client_address import client_address
from clinic.core.web.rate_limits import Limit, count

page = require_http_methods(["GET", "HEAD", "POST"])
FINDS = Limit("find-visit", 20, 3600)  # an address, as of bookings by the API
FROM_NO_PAGE = 0  # no visit is at this version: a form that names none is answered with a page that does


def for_those_who_may_see(
    view: Callable[[HttpRequest, Appointment], HttpResponse],
) -> Callable[[HttpRequest, str], HttpResponse]:
    """Hand the visit to the view; others learn only that the link does not work."""

    @wraps(view)
    def guarded(request: HttpRequest, reference: str) -> HttpResponse:
        appointment = visit_for(request, reference)
        if appointment is None:
            return broken_link(request)
        note_opened(request, appointment)
        return view(request, appointment)

    return guarded


def broken_link(request: HttpRequest, _anything: str = "") -> HttpResponse:
    """The same answer for a link that never was, that is too old, or that belongs to someone else."""
    return render(request, "bookings/online/visit/broken_link.html", {"form": FindVisitForm()}, status=404)


@require_safe
def visit_link(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the secret in the address for a clean one. Changes nothing but this visitor's session."""
    appointment = Appointment.objects.for_link(token).visits().first()
    if appointment is None or not link_is_live(appointment, clock.now()):
        return broken_link(request)
    open_to(request, appointment)
    return go("visit", {}, appointment.reference)


def clean_link(request: HttpRequest, start: str, token: str, glued: str, rest: str = "") -> HttpResponse:
    """A link with a full stop or a bracket behind it, as texts and mail programs leave it: to the link itself."""
    if request.method not in {"GET", "HEAD"}:
        return broken_link(request)
    return redirect(f"/{start}/{token}/{f'{rest}/' if rest else ''}")


@require_safe
@for_those_who_may_see
def visit(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    return visit_page(request, appointment)


def visit_page(request: HttpRequest, appointment: Appointment, *, refusal: str = "") -> HttpResponse:
    now = clock.now()
    context = {
        "appointment": appointment,
        "rows": summary.visit_rows(appointment),
        "changes_until": moves_until(appointment, now),
        "may_move": may_move(appointment, now),
        "may_cancel": may_cancel(appointment, now),
        "is_past": appointment.ends_at <= now,
        "asks_to_confirm": is_asked(appointment, now),
        "preferences_token": _preferences_token(request, appointment),
        "offers_to_join": _offers_to_join(request, appointment, now),
        "refusal": refusal,
        "agreement": agreement.sections(appointment, ClinicSettings.load(), now) if appointment.is_upcoming else [],
        **_onward(appointment, now),
    }
    return render(request, "bookings/online/visit/visit.html", context, status=409 if refusal else 200)


def _preferences_token(request: HttpRequest, appointment: Appointment) -> str:
    """What opens the patient's choices, for who has proved to be the patient; or nothing."""
    patient = appointment.patient
    return token_of(patient) if patient and has_proved(request, appointment) else ""


def _offers_to_join(request: HttpRequest, appointment: Appointment, now: datetime) -> bool:
    """Whether who opened the visit's link may want to see it in their account: it has no record yet."""
    user = request.user
    return isinstance(user, User) and has_proved(request, appointment) and not own_patients(user, now).exists()


def _onward(appointment: Appointment, now: datetime) -> dict[str, object]:
    """What may come after this visit: its follow-up, and the rest of its course."""
    if not appointment.leads_on:
        return {}
    treatment = appointment.treatment
    begins_a_course = treatment.course_visits > 1 and appointment.follows_id is None
    follow_up_visit = follow_up_of(appointment) if treatment.follow_up else None
    course = course_of(appointment) if begins_a_course else []
    return {
        "follow_up": treatment.follow_up if follow_up_visit or appointment.books_on else None,
        "follow_up_visit": follow_up_visit,
        "course": course,
        "offers_course": begins_a_course and appointment.is_upcoming and (course or appointment.books_on),
    }


def version_seen(request: HttpRequest) -> int | None:
    """The version of the visit that the page showed; None where it is missing or nonsense."""
    written = request.POST.get("version", "")
    return int(written) if written.isdecimal() and len(written) < 10 else None  # noqa: PLR2004 -- fits the column


@require_safe
@for_those_who_may_see
def visit_calendar(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    response = HttpResponse(ical.calendar(appointment), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="visit-{appointment.reference}.ics"'
    return response


@page
def send_link(request: HttpRequest) -> HttpResponse:
    """Queue the links of someone's visits to their own address. The answer is the same for an address we don't know."""
    form = FindVisitForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and settings.RATE_LIMITS and count(FINDS, client_address(request)):
        form.add_error(None, "Links were asked for many times from here. Please try again in an hour, or call us.")
        return render(request, "bookings/online/visit/find.html", {"form": form}, status=429)
    if form.is_valid():
        links.plan_links(form.cleaned_data["email"], clock.now())
        return render(request, "bookings/online/visit/link_sent.html", {"email": form.cleaned_data["email"]})
    return render(request, "bookings/online/visit/find.html", {"form": form})


def is_as_shown(request: HttpRequest, appointment: Appointment, treatment: Treatment) -> bool:
    """Whether the visit and the price are still those of the page that the form is from."""
    return version_seen(request) == appointment.version and request.POST.get("price") == treatment.price_in_words
