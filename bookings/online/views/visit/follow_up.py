"""What a patient books after a visit: the follow-up that belongs to it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bookings.engine.series.follow_ups import book_follow_up, follow_up_from, follow_up_of
from bookings.online.forms.choose import ANY, bookable_practitioners
from bookings.online.forms.times import ChosenTime, read_time
from bookings.online.views.access import remember_booked
from bookings.online.views.booking.flow import address, go
from bookings.online.views.booking.params import taken_params
from bookings.online.views.times import Search, find_times, policy_of
from bookings.online.views.visit.page import for_those_who_may_see, is_as_shown, page, visit_page
from bookings.visits.models import Appointment
from bookings.visits.refusals import SlotTaken
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.htmx import render_page
from clinic.practitioners.models import Practitioner


@page
@for_those_who_may_see
def visit_follow_up(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Choose a time (`?slot=`), look at it, book it. Once booked, the page leads to the booked visit.

    The form names the version of the first visit and the price that its page showed: if either has changed, it asks again.
    """
    treatment = appointment.treatment.follow_up
    if treatment is None or not appointment.leads_on:
        return visit_page(request, appointment)
    booked = follow_up_of(appointment)
    if booked or not appointment.books_on:
        return _booked_already(request, booked) if booked else visit_page(request, appointment)
    time = read_time(request.GET.get("slot", ""))
    practitioner = _practitioner(appointment, treatment, time)
    if time is None or practitioner is None:
        return _times(request, appointment, treatment)
    if request.method == "POST":
        if not is_as_shown(request, appointment, treatment):
            return _follow_up_page(request, appointment, time, practitioner, was_changed=True)
        return _book_follow_up(request, appointment, time, practitioner)
    return _follow_up_page(request, appointment, time, practitioner)


def _booked_already(request: HttpRequest, booked: Appointment) -> HttpResponse:
    """Show it, whichever time an older page wanted."""
    asked = read_time(request.GET.get("slot", ""))
    if request.method == "POST" and asked and asked.starts_at != booked.starts_at:
        messages.info(request, "You have booked your follow-up already. Here it is.")
    remember_booked(request, booked)
    return go("visit", {}, booked.reference)


def _follow_up_page(
    request: HttpRequest,
    appointment: Appointment,
    time: ChosenTime,
    practitioner: Practitioner,
    *,
    was_changed: bool = False,
) -> HttpResponse:
    treatment = appointment.treatment.follow_up
    context = {
        "appointment": appointment,
        "treatment": treatment,
        "price": treatment.price_in_words if treatment else "",
        "starts_at": time.starts_at,
        "practitioner": practitioner,
        "was_changed": was_changed,
        "back_url": address("visit_follow_up", {"day": clock.today(time.starts_at).isoformat()}, appointment.reference),
    }
    return render(
        request, "bookings/online/after_visit/follow_up_confirm.html", context, status=409 if was_changed else 200
    )


def _practitioner(appointment: Appointment, treatment: Treatment, time: ChosenTime | None) -> Practitioner | None:
    slug = (time.practitioner if time else "") or appointment.practitioner.slug
    return bookable_practitioners(treatment).filter(slug=slug).first()


def _times(request: HttpRequest, appointment: Appointment, treatment: Treatment) -> HttpResponse:
    now, due = clock.now(), follow_up_from(appointment)
    params = {"with": ANY} if request.GET.get("with") == ANY else {}
    search = Search(
        treatment,
        None if params else appointment.practitioner,
        now,
        "visit_follow_up",
        params,
        args=(appointment.reference,),
        patient=appointment.patient,
        names_everyone=True,
        policy=policy_of(request, treatment),
    )
    start = {"from": max(due, clock.today(now)).isoformat()}
    context = {
        "appointment": appointment,
        "treatment": treatment,
        "times": find_times(search, {**start, **request.GET.dict()}),
        "today": clock.today(now),
        "tomorrow": clock.today(now) + timedelta(days=1),
        "action": address("visit_follow_up", params, appointment.reference),
        "method": "get",
        "back_url": address("visit", {}, appointment.reference),
        "anyone_url": "" if params else address("visit_follow_up", {"with": ANY}, appointment.reference),
    }
    return render_page(request, "bookings/online/after_visit/follow_up.html", context, fragment="times")


def _book_follow_up(
    request: HttpRequest, appointment: Appointment, time: ChosenTime, practitioner: Practitioner
) -> HttpResponse:
    try:
        booked = book_follow_up(visit=appointment, starts_at=time.starts_at, now=clock.now(), practitioner=practitioner)
    except SlotTaken as taken:
        if already := follow_up_of(appointment):  # by the same button, a moment ago
            return _booked_already(request, already)
        return go("visit_follow_up", taken_params({}, time.starts_at, taken.reason), appointment.reference)
    except DomainError as refusal:
        return visit_page(request, appointment, refusal=str(refusal))
    if booked.starts_at != time.starts_at:  # by another tab, a moment ago
        return _booked_already(request, booked)
    remember_booked(request, booked)
    messages.success(request, "Booked. We will send you a confirmation.")
    return go("visit", {}, booked.reference)
