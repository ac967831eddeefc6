"""Booking in a frame on another site: the same steps, forms and rules, without any cookie.

Each page is the answer to a POST and carries what is known so far in a signed token (`embed_state`).
Who may show these pages, and why they need no CSRF token: `framing.embeddable`. Programs that fill in every box meet
the same hidden box as in the other flow (`forms.trap`), and no time is held without a token of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_safe

from bookings.domain import booking, messages
from bookings.domain.first_visit import consultation_at, hold_consultation
from bookings.domain.patients import check_age
from bookings.domain.refusals import NeedsConsultation, SlotTaken, TooManyVisits, TooYoung
from bookings.forms import ANY, BookingDetailsForm, ChooseForm, TermsForm, read_time
from bookings.models import Appointment
from bookings.views.book import open_questions, taken_params, why_params
from bookings.views.confirm import keep_time
from bookings.views.embed_pages import (
    check_page,
    choose_page,
    details_page,
    done_page,
    known_details,
    knows_birthday,
    lost_page,
    times_page,
    too_young_page,
)
from bookings.views.embed_state import Progress, hold_once
from bookings.views.flow import Choice, Flow, go
from bookings.views.framing import Framed, embeddable
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError

Step = Callable[[HttpRequest, Progress], HttpResponse]
page = require_http_methods(["GET", "HEAD", "POST"])


@page
@embeddable
def start(request: HttpRequest) -> HttpResponse:
    """`?treatment=&with=` say what is known already."""
    if request.method != "POST":
        return _onward(request, Progress(Choice.read(request.GET)))
    progress = Progress.read(request.POST.get("token", ""))
    return lost_page(request) if progress is None else _choose(request, progress)


def step(view: Step) -> Framed:
    """A later page: only by POST, with a token."""

    @page
    @embeddable
    @wraps(view)
    def with_progress(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return go("embed")
        progress = Progress.read(request.POST.get("token", ""))
        if progress is None:
            return lost_page(request)
        if open_questions(progress.flow, progress.choice):  # no longer offered, or a token from before the question
            return _onward(request, progress)
        return view(request, progress)

    return with_progress


# --- What for, and with whom -----------------------------------------------------------------------------------------


def _onward(request: HttpRequest, progress: Progress) -> HttpResponse:
    """The first question that is open, or the times."""
    asks = open_questions(progress.flow, progress.choice)
    return choose_page(request, progress, asks) if asks else times_page(request, progress)


def _choose(request: HttpRequest, progress: Progress) -> HttpResponse:
    asks = open_questions(progress.flow, progress.choice, change=request.GET.get("change", ""))
    if "show" in request.POST or not asks:
        return choose_page(request, progress, asks) if asks else times_page(request, progress)
    form = ChooseForm(request.POST, known=progress.choice.treatment, asks=asks)
    if form.is_valid():
        return _chosen(request, progress, form.cleaned_data)
    return choose_page(request, progress, asks, form)


def _chosen(request: HttpRequest, progress: Progress, answers: dict[str, Any]) -> HttpResponse:
    former, flow = progress.choice, progress.flow
    treatment = answers.get("treatment") or former.treatment
    who = answers.get("who") or former.who or ANY
    choice = Choice.read({"treatment": treatment.slug if treatment else "", "with": who})
    flow.date_of_birth = answers.get("date_of_birth") or flow.date_of_birth
    if choice.treatment and choice.treatment.asks_date_of_birth_first and flow.date_of_birth:
        try:
            _check_age(choice.treatment, flow, clock.now())
        except TooYoung:
            return too_young_page(request, choice.treatment)
    progress, hold = Progress(choice, flow), flow.hold()
    is_only_birthday = "treatment" not in answers and "who" not in answers
    if hold and is_only_birthday and not open_questions(flow, choice):
        return check_page(request, progress, hold) if flow.is_complete else details_page(request, progress, hold)
    return _onward(request, progress)


def _check_age(treatment: Treatment, flow: Flow, visit_at: datetime) -> None:
    if flow.date_of_birth:
        born, day = flow.date_of_birth, clock.today(visit_at)
        check_age(treatment=treatment, date_of_birth=born, visit_day=day, now=clock.now())


# --- Day and time ----------------------------------------------------------------------------------------------------


@step
def when(request: HttpRequest, progress: Progress) -> HttpResponse:
    treatment = progress.choice.treatment
    if "slot" not in request.POST or treatment is None:
        return times_page(request, progress, request.GET)
    time = read_time(request.POST["slot"])
    if time is None:
        return times_page(request, progress, request.GET, was_refused=True)
    try:
        hold = hold_once(progress, treatment, time, request.POST["token"])
    except TooYoung:
        return too_young_page(request, treatment)
    except SlotTaken as taken:
        return times_page(request, progress, taken_params({}, time.starts_at, taken.reason))
    except DomainError as refusal:
        return times_page(request, progress, request.GET.dict() | why_params(refusal), was_refused=True)
    progress.flow.hold_id = hold.pk
    hold = progress.flow.hold() or hold
    return check_page(request, progress, hold) if progress.flow.is_complete else details_page(request, progress, hold)


# --- Your details ----------------------------------------------------------------------------------------------------


@step
def details(request: HttpRequest, progress: Progress) -> HttpResponse:
    hold = progress.flow.hold()
    if hold is None:
        return times_page(request, progress, was_lost=True)
    if "show" in request.POST:
        return details_page(request, progress, hold)
    form = BookingDetailsForm(
        request.POST, asks_birthday=not knows_birthday(progress, hold), initial=known_details(progress.flow)
    )
    if "keep" in request.POST:
        form = BookingDetailsForm(asks_birthday=not knows_birthday(progress, hold), initial=form.as_typed())
        return _kept(request, progress, hold, lambda kept: details_page(request, progress, kept, form))
    if not form.is_valid():
        return details_page(request, progress, hold, form)
    progress.flow.date_of_birth = form.cleaned_data.pop("date_of_birth", None) or progress.flow.date_of_birth
    progress.flow.details = form.cleaned_data
    try:
        _check_age(hold.treatment, progress.flow, hold.starts_at)
    except TooYoung:
        return too_young_page(request, hold.treatment)
    return _kept(request, progress, hold, lambda kept: check_page(request, progress, kept))


def _kept(
    request: HttpRequest, progress: Progress, hold: Appointment, then: Callable[[Appointment], HttpResponse]
) -> HttpResponse:
    try:
        progress.flow.hold_id = keep_time(hold).pk
    except DomainError:
        return times_page(request, progress, taken_params({}, hold.starts_at))
    return then(progress.flow.hold() or hold)


# --- Check, and booked -----------------------------------------------------------------------------------------------


@step
def check(request: HttpRequest, progress: Progress) -> HttpResponse:
    hold = progress.flow.hold()
    if hold is None:
        return times_page(request, progress, was_lost=True)
    if not progress.flow.is_complete:
        return details_page(request, progress, hold)
    if "keep" in request.POST:
        return _kept(request, progress, hold, lambda kept: check_page(request, progress, kept))
    form = TermsForm(request.POST)
    return _confirm(request, progress, hold, form) if form.is_valid() else check_page(request, progress, hold, form)


def _confirm(request: HttpRequest, progress: Progress, hold: Appointment, form: TermsForm) -> HttpResponse:
    try:
        appointment = booking.confirm(hold=hold, details=progress.flow.patient_details(), now=clock.now())
    except SlotTaken as taken:
        return times_page(request, progress, taken_params({}, hold.starts_at, taken.reason))
    except TooYoung:
        return too_young_page(request, hold.treatment)
    except TooManyVisits as refusal:
        messages.plan_links(progress.flow.details["email"], clock.now())
        form.add_error(None, str(refusal))
        return check_page(request, progress, hold, form)
    except NeedsConsultation as refusal:
        return _consultation_first(request, progress, hold, form, str(refusal))
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return check_page(request, progress, hold, form)
    return done_page(request, appointment)


def _consultation_first(
    request: HttpRequest, progress: Progress, hold: Appointment, form: TermsForm, refusal: str
) -> HttpResponse:
    """Ask whether to book the consultation in the time that is held, with what was typed; else offer its times."""
    consultation = consultation_at(hold)
    if consultation is None:
        form.add_error(None, refusal)
        return check_page(request, progress, hold, form)
    choice = Choice.read({"treatment": consultation.slug, "with": progress.choice.who})
    instead = Progress(choice if choice.who else replace(choice, who=ANY), progress.flow)
    try:
        kept = hold_consultation(held=hold, consultation=consultation, now=clock.now())
    except DomainError:
        day = {"day": clock.today(hold.starts_at).isoformat()}
        return times_page(request, instead, day, before=hold.treatment)
    instead.flow.hold_id = kept.pk
    return check_page(request, instead, instead.flow.hold() or kept, before=hold.treatment)


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """A lasting address for the script of the page around the frame; the file's own changes with its content."""
    response = HttpResponseRedirect(static("js/embed-frame.js"))
    patch_cache_control(response, public=True, max_age=3600)
    return response
