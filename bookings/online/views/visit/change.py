"""What a patient changes of a visit: another time, or none.

Each form names the version of the visit that its page showed. A page that is out of date asks again, about the visit as
it stands now, and never acts on a time that it did not show; the same button tapped twice is one change.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.engine import changes
from bookings.online.forms.choose import ANY, bookable_practitioners
from bookings.online.forms.times import ChosenTime, read_time
from bookings.online.views import summary
from bookings.online.views.booking.flow import address, go
from bookings.online.views.booking.params import taken_params
from bookings.online.views.times import Search, find_times, policy_of
from bookings.online.views.visit.page import FROM_NO_PAGE, for_those_who_may_see, page, version_seen, visit_page
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.policy import may_cancel, may_move
from bookings.visits.refusals import SlotTaken, Stale
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.htmx import render_page
from clinic.practitioners.models import Practitioner


@require_safe
@for_those_who_may_see
def visit_move(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    if not may_move(appointment, clock.now()):
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
        patient=appointment.patient,
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
    return render_page(request, "bookings/online/visit/move.html", context, fragment="times")


@page
@for_those_who_may_see
def visit_move_confirm(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    time = read_time(request.GET.get("slot", ""))
    practitioner = _chosen_practitioner(appointment, time)
    if time is None or practitioner is None:
        return go("visit_move", {}, appointment.reference)
    if request.method == "POST":
        return _move(request, appointment, time, practitioner)
    if not may_move(appointment, clock.now()):
        return visit_page(request, appointment)
    return _move_page(request, appointment, time, practitioner)


def _move_page(
    request: HttpRequest,
    appointment: Appointment,
    time: ChosenTime,
    practitioner: Practitioner,
    *,
    was_changed: bool = False,
) -> HttpResponse:
    context = {
        "appointment": appointment,
        "was_changed": was_changed,
        "old": summary.when_text(appointment),
        "starts_at": time.starts_at,
        "practitioner": practitioner,
        "back_url": address("visit_move", {"day": clock.today(time.starts_at).isoformat()}, appointment.reference),
    }
    return render(request, "bookings/online/visit/move_confirm.html", context, status=409 if was_changed else 200)


def _chosen_practitioner(appointment: Appointment, time: ChosenTime | None) -> Practitioner | None:
    if time is None or time.practitioner in ("", appointment.practitioner.slug):
        return appointment.practitioner
    return bookable_practitioners(appointment.treatment).filter(slug=time.practitioner).first()


def _move(request: HttpRequest, appointment: Appointment, time: ChosenTime, practitioner: Practitioner) -> HttpResponse:
    try:
        moved = changes.move(
            appointment=appointment,
            starts_at=time.starts_at,
            now=clock.now(),
            practitioner=practitioner,
            version=version_seen(request) or FROM_NO_PAGE,
        )
    except SlotTaken as taken:
        return go("visit_move", taken_params({}, time.starts_at, taken.reason), appointment.reference)
    except Stale:
        appointment = _as_it_is(appointment)
        if may_move(appointment, clock.now()):
            return _move_page(request, appointment, time, practitioner, was_changed=True)
        return visit_page(request, appointment, refusal="This visit was changed meanwhile, so it was not moved.")
    except DomainError as refusal:
        return visit_page(request, _as_it_is(appointment), refusal=str(refusal))
    if moved.version == version_seen(request):
        messages.success(request, "Your visit is at this time already. Nothing has changed.")
    else:
        messages.success(request, "Your visit has moved. We will send you the new time.")
    return go("visit", {}, appointment.reference)


@page
@for_those_who_may_see
def visit_cancel(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    if request.method == "POST":
        return _cancel(request, appointment)
    if not may_cancel(appointment, clock.now()):
        return visit_page(request, appointment)
    return _cancel_page(request, appointment)


def _cancel_page(request: HttpRequest, appointment: Appointment, *, was_changed: bool = False) -> HttpResponse:
    context = {
        "appointment": appointment,
        "was_changed": was_changed,
        "may_move": may_move(appointment, clock.now()),
        "rows": summary.visit_rows(appointment),
        "back_url": address("visit", {}, appointment.reference),
    }
    return render(request, "bookings/online/visit/cancel.html", context, status=409 if was_changed else 200)


def _cancel(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    version = version_seen(request) or FROM_NO_PAGE
    try:
        changes.cancel(appointment=appointment, now=clock.now(), version=version)
    except DomainError as refusal:
        appointment = _as_it_is(appointment)
        if isinstance(refusal, Stale) and may_cancel(appointment, clock.now()):
            return _cancel_page(request, appointment, was_changed=True)
        if appointment.status != Status.CANCELLED:
            return visit_page(request, appointment, refusal=str(refusal))
    return go("visit", {}, appointment.reference)


def _as_it_is(appointment: Appointment) -> Appointment:
    found: Appointment = Appointment.objects.with_details().get(pk=appointment.pk)
    return found
