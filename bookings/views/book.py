"""The first steps of a booking: what for and with whom, and when. The rest is in `confirm`."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from django.core.validators import slug_re
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from bookings.domain import booking
from bookings.domain.consultations import opened_for
from bookings.domain.patients import check_age
from bookings.domain.refusals import Reason, Refusal, SlotTaken, TooYoung
from bookings.forms import ANY, ChooseForm, read_time
from bookings.forms.booking import ChosenTime, bookable_practitioners, price_text
from bookings.models import Appointment
from bookings.views import access
from bookings.views.flow import Choice, Flow, address, go, state
from bookings.views.times import Search, find_times, policy_of
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.htmx import render_page

page = require_http_methods(["GET", "HEAD", "POST"])


@page
def choose(request: HttpRequest) -> HttpResponse:
    flow, choice = Flow.of(request), Choice.read(request.GET)
    asks = open_questions(flow, choice, change=request.GET.get("change", ""))
    if not asks and choice.treatment:
        return go("when", choice.params)
    form = ChooseForm(
        request.POST if request.method == "POST" else None,
        known=choice.treatment,
        asks=asks,
        opened=partial(opened_for, access.proved_patients(request), now=clock.now()),
        initial={
            "treatment": choice.params["treatment"],
            "who": choice.who or (ANY if choice.treatment else ""),
            "date_of_birth": flow.date_of_birth,
        },
    )
    if form.is_valid():
        return _chosen(request, flow, choice, form.cleaned_data)
    return render(request, "bookings/book/choose.html", {"form": form, **choice_context(request, choice, asks)})


def open_questions(flow: Flow, choice: Choice, *, change: str = "") -> frozenset[str]:
    """The fields of `ChooseForm` that are still to be answered, or answered again."""
    if choice.treatment is None or change == "visit":
        return frozenset({"treatment", "who"})
    if change == "birthday":
        return frozenset({"date_of_birth"})
    asks = set() if choice.who else {"who"}
    if choice.treatment.asks_date_of_birth_first and flow.date_of_birth is None:
        asks.add("date_of_birth")
    return frozenset(asks)


def choice_context(request: HttpRequest, choice: Choice, asks: frozenset[str]) -> dict[str, Any]:
    is_known = choice.treatment is not None and "treatment" not in asks
    return {
        "treatment": choice.treatment if is_known else None,
        "practitioner": choice.practitioner,
        "price": price_text(choice.treatment) if is_known and choice.treatment else "",
        "change_url": address("choose", {**choice.params, "change": "visit"}),
        "is_only_birthday": asks == {"date_of_birth"},
        "was_lost": "lost" in request.GET,
        "section": "book",
    }


def _chosen(request: HttpRequest, flow: Flow, choice: Choice, answers: dict[str, Any]) -> HttpResponse:
    treatment = cast("Treatment", answers.get("treatment") or choice.treatment)
    params = {"treatment": treatment.slug, "with": answers.get("who") or choice.who or ANY}
    born = answers.get("date_of_birth")
    if born:
        try:
            check_age(treatment=treatment, date_of_birth=born, visit_day=clock.today(), now=clock.now())
        except TooYoung:
            return refuse_young(request, flow, treatment)
        flow.date_of_birth = born
        flow.save(request)
    if treatment.asks_date_of_birth_first and flow.date_of_birth is None:
        return go("choose", params)
    is_correction = request.GET.get("change") == "birthday" and flow.hold_id and flow.is_complete
    return go("check", params) if is_correction else go("when", params)


def refuse_young(request: HttpRequest, flow: Flow, treatment: Treatment) -> HttpResponse:
    """Keep nothing of someone we may not book."""
    if flow != Flow():
        Flow().save(request)
    return go("too_young", {"treatment": treatment.slug})


@require_safe
def too_young(request: HttpRequest) -> HttpResponse:
    treatment = Choice.read(request.GET).treatment
    return render(request, "bookings/book/too_young.html", {"treatment": treatment})


@page
def when(request: HttpRequest) -> HttpResponse:
    flow, choice = Flow.of(request), Choice.read(request.GET)
    if choice.treatment is None:
        return go("choose", {"lost": "yes"} if request.GET.get("lost") else {})
    if not choice.who or (choice.treatment.asks_date_of_birth_first and flow.date_of_birth is None):
        return go("choose", choice.params)
    if request.method == "POST":
        return _hold(request, flow, choice, choice.treatment)
    policy = policy_of(request, choice.treatment)
    search = Search(choice.treatment, choice.practitioner, clock.now(), "when", choice.params, policy=policy)
    context = {
        "times": find_times(search, request.GET),
        "search": search,
        "treatment": choice.treatment,
        "practitioner": choice.practitioner,
        "price": price_text(choice.treatment),
        "today": clock.today(search.now),
        "tomorrow": clock.today(search.now) + timedelta(days=1),
        "action": address("when", state(request)),
        "method": "post",
        "before": treatment_before(choice.treatment, request.GET.get("before", "")),
        "already": access.coming_for(request, choice.treatment),
        "was_lost": "lost" in request.GET,
        "was_refused": request.GET.get("refused") == "yes",
        "back_url": address("choose", {**choice.params, "change": "visit"}),
        "anyone_url": address("when", {**choice.params, "with": ANY}) if choice.practitioner else "",
        "waiting_url": address("waiting_join", choice.params),
    }
    return render_page(request, "bookings/book/when.html", context, fragment="times")


def treatment_before(booked: Treatment, slug: str) -> Treatment | None:
    """What was asked for, where the consultation that is booked has to come before it."""
    if booked.kind != Treatment.Kind.CONSULTATION or not slug_re.match(slug):
        return None
    return Treatment.objects.bookable_online().filter(requires_consultation=True, slug=slug).first()


def _hold(request: HttpRequest, flow: Flow, choice: Choice, treatment: Treatment) -> HttpResponse:
    time = read_time(request.POST.get("slot", ""))
    if time is None:
        return go("when", {**state(request), "refused": "yes"})
    try:
        hold = hold_time(flow, choice, treatment, time)
    except TooYoung:
        return refuse_young(request, flow, treatment)
    except SlotTaken as taken:
        return go("when", taken_params(choice.params, time.starts_at, taken.reason))
    except DomainError as refusal:
        return go("when", {**state(request), "refused": "yes", **why_params(refusal)})
    flow.hold_id, flow.booked = hold.pk, ""
    flow.save(request)
    params = {**choice.params, **day_of(hold)}
    return go("check" if flow.is_complete else "details", params)


def hold_time(flow: Flow, choice: Choice, treatment: Treatment, time: ChosenTime) -> Appointment:
    """Keep the time that was tapped, in place of the one kept before.

    Raises:
        TooYoung: on the day of the visit. SlotTaken, NotBookable: as for `booking.hold`.
    """
    now = clock.now()
    practitioner = choice.practitioner
    if time.practitioner and practitioner is None:
        practitioner = bookable_practitioners(treatment).filter(slug=time.practitioner).first()
    if treatment.asks_date_of_birth_first and flow.date_of_birth:
        day = clock.today(time.starts_at)
        check_age(treatment=treatment, date_of_birth=flow.date_of_birth, visit_day=day, now=now)
    return booking.hold(
        treatment=treatment, practitioner=practitioner, starts_at=time.starts_at, now=now, instead_of=flow.hold()
    )


def taken_params(params: dict[str, str], starts_at: datetime, reason: Reason | None = None) -> dict[str, str]:
    """The address of the times page that says why a time cannot be had, and offers the nearest."""
    why = {"why": reason.value} if reason else {}
    return {**params, "day": clock.today(starts_at).isoformat(), "taken": clock.local(starts_at).isoformat(), **why}


def why_params(refusal: DomainError) -> dict[str, str]:
    """The part of an address that says why a time was refused, where that is known."""
    reason = refusal.reason if isinstance(refusal, Refusal) else None
    return {"why": reason.value} if reason else {}


def day_of(hold: Appointment) -> dict[str, str]:
    return {"day": clock.today(hold.starts_at).isoformat()}
