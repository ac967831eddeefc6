"""What a patient does with a visit: see it, move it, cancel it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from bookings import ical
from bookings.domain import booking
from bookings.domain import messages as outbox
from bookings.domain.coming import is_asked
from bookings.domain.policy import changes_until
from bookings.domain.recall import token_of
from bookings.domain.refusals import SlotTaken
from bookings.domain.series import course_of, follow_up_of
from bookings.forms import ANY, FindVisitForm, read_time
from bookings.forms.booking import ChosenTime, bookable_practitioners
from bookings.models import Appointment
from bookings.views import summary
from bookings.views.access import link_is_live, remember, visit_for
from bookings.views.book import taken_params
from bookings.views.flow import address, go
from bookings.views.times import Search, find_times, policy_of
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.htmx import render_page
from clinic.practitioners.models import Practitioner

page = require_http_methods(["GET", "HEAD", "POST"])


def for_those_who_may_see(
    view: Callable[[HttpRequest, Appointment], HttpResponse],
) -> Callable[[HttpRequest, str], HttpResponse]:
    """Hand the visit to the view; others learn only that the link does not work."""

    @wraps(view)
    def guarded(request: HttpRequest, reference: str) -> HttpResponse:
        appointment = visit_for(request, reference)
        return broken_link(request) if appointment is None else view(request, appointment)

    return guarded


def broken_link(request: HttpRequest, _anything: str = "") -> HttpResponse:
    """The same answer for a link that never was, that is too old, or that belongs to someone else."""
    return render(request, "bookings/visit/broken_link.html", {"form": FindVisitForm()}, status=404)


@require_GET
def visit_link(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the secret in the address for a clean one. Changes nothing but this visitor's session."""
    appointment = Appointment.objects.for_link(token).visits().first()
    if appointment is None or not link_is_live(appointment, clock.now()):
        return broken_link(request)
    remember(request, appointment)
    return go("visit", {}, appointment.reference)


@require_GET
@for_those_who_may_see
def visit(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    return visit_page(request, appointment)


def visit_page(request: HttpRequest, appointment: Appointment, *, refusal: str = "") -> HttpResponse:
    now = clock.now()
    context = {
        "appointment": appointment,
        "rows": summary.visit_rows(appointment),
        "changes_until": changes_until(appointment),
        "may_change": may_change(appointment),
        "is_past": appointment.ends_at <= now,
        "asks_to_confirm": is_asked(appointment, now),
        "preferences_token": token_of(appointment.patient) if appointment.patient else "",
        "refusal": refusal,
        **_onward(appointment, now),
    }
    return render(request, "bookings/visit/visit.html", context, status=409 if refusal else 200)


def _onward(appointment: Appointment, now: datetime) -> dict[str, object]:
    """What may come after this visit: its follow-up, and the rest of its course."""
    if not appointment.leads_on:
        return {}
    treatment = appointment.treatment
    begins_a_course = treatment.course_visits > 1 and appointment.follows_id is None
    return {
        "follow_up": treatment.follow_up,
        "follow_up_visit": follow_up_of(appointment) if treatment.follow_up else None,
        "course": course_of(appointment) if begins_a_course else [],
        "offers_course": begins_a_course and appointment.is_upcoming,
    }


def may_change(appointment: Appointment) -> bool:
    """Whether the patient may still move or cancel online."""
    return appointment.is_upcoming and clock.now() <= changes_until(appointment)


@require_GET
@for_those_who_may_see
def visit_move(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    if not may_change(appointment):
        return visit_page(request, appointment)
    params = {"with": ANY} if request.GET.get("with") == ANY else {}
    search = Search(
        appointment.treatment,
        None if params else appointment.practitioner,
        clock.now(),
        "visit_move",
        params,
        args=(appointment.reference,),
        ignoring=appointment,
        names_everyone=True,
        policy=policy_of(request, appointment.treatment),
    )
    context = {
        "appointment": appointment,
        "times": find_times(search, request.GET),
        "today": clock.today(search.now),
        "tomorrow": clock.today(search.now) + timedelta(days=1),
        "action": address("visit_move_confirm", {}, appointment.reference),
        "method": "get",
        "back_url": address("visit", {}, appointment.reference),
        "anyone_url": "" if params else address("visit_move", {"with": ANY}, appointment.reference),
    }
    return render_page(request, "bookings/visit/move.html", context, fragment="times")


@page
@for_those_who_may_see
def visit_move_confirm(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    time = read_time(request.GET.get("slot", ""))
    practitioner = _chosen_practitioner(appointment, time)
    if time is None or practitioner is None:
        return go("visit_move", {}, appointment.reference)
    if not may_change(appointment):
        return visit_page(request, appointment)
    if request.method == "POST":
        return _move(request, appointment, time, practitioner)
    context = {
        "appointment": appointment,
        "old": summary.when_text(appointment),
        "starts_at": time.starts_at,
        "practitioner": practitioner,
        "back_url": address("visit_move", {"day": clock.today(time.starts_at).isoformat()}, appointment.reference),
    }
    return render(request, "bookings/visit/move_confirm.html", context)


def _chosen_practitioner(appointment: Appointment, time: ChosenTime | None) -> Practitioner | None:
    if time is None or time.practitioner in ("", appointment.practitioner.slug):
        return appointment.practitioner
    return bookable_practitioners(appointment.treatment).filter(slug=time.practitioner).first()


def _move(request: HttpRequest, appointment: Appointment, time: ChosenTime, practitioner: Practitioner) -> HttpResponse:
    try:
        booking.move(
            appointment=appointment,
            starts_at=time.starts_at,
            now=clock.now(),
            practitioner=practitioner,
            version=version_seen(request),
        )
    except SlotTaken:
        return go("visit_move", taken_params({}, time.starts_at), appointment.reference)
    except DomainError as refusal:
        return visit_page(request, appointment, refusal=str(refusal))
    messages.success(request, "Your visit has moved. We will send you the new time.")
    return go("visit", {}, appointment.reference)


def version_seen(request: HttpRequest) -> int | None:
    """The version of the visit that the page showed; None where it is missing or nonsense."""
    written = request.POST.get("version", "")
    return int(written) if written.isdecimal() and len(written) < 10 else None  # noqa: PLR2004 -- fits the column


@page
@for_those_who_may_see
def visit_cancel(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    if request.method == "POST":
        return _cancel(request, appointment)
    if not may_change(appointment):
        return visit_page(request, appointment)
    context = {
        "appointment": appointment,
        "rows": summary.visit_rows(appointment),
        "back_url": address("visit", {}, appointment.reference),
    }
    return render(request, "bookings/visit/cancel.html", context)


def _cancel(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    try:
        booking.cancel(appointment=appointment, now=clock.now(), version=version_seen(request))
    except DomainError as refusal:
        appointment.refresh_from_db()
        if appointment.cancelled_at is None:
            return visit_page(request, appointment, refusal=str(refusal))
    return go("visit", {}, appointment.reference)


@require_GET
@for_those_who_may_see
def visit_calendar(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    response = HttpResponse(ical.calendar(appointment), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="visit-{appointment.reference}.ics"'
    return response


@page
def send_link(request: HttpRequest) -> HttpResponse:
    """Queue the links of someone's visits to their own address. The answer is the same for an address we don't know."""
    form = FindVisitForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        outbox.plan_links(form.cleaned_data["email"], clock.now())
        return render(request, "bookings/visit/link_sent.html", {"email": form.cleaned_data["email"]})
    return render(request, "bookings/visit/find.html", {"form": form})
