"""The booking flow: choose, when, your details, check, done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from bookings.domain import booking
from bookings.domain.patients import check_age
from bookings.domain.policy import changes_until
from bookings.domain.refusals import SlotTaken, TooYoung
from bookings.forms import ANY, ChooseForm, DetailsForm, TermsForm, read_time
from bookings.forms.booking import bookable_practitioners, price_text
from bookings.models import Appointment
from bookings.models.appointment import Status
from bookings.views import access, summary
from bookings.views.flow import Choice, Flow, address, go, state
from bookings.views.times import Search, find_times
from clinic.accounts.models import User
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.htmx import render_page

page = require_http_methods(["GET", "HEAD", "POST"])


@page
def choose(request: HttpRequest) -> HttpResponse:
    flow, choice = Flow.of(request), Choice.read(request.GET)
    asks = _open_questions(request, flow, choice)
    if not asks and choice.treatment:
        return go("when", choice.params)
    form = ChooseForm(
        request.POST if request.method == "POST" else None,
        known=choice.treatment,
        asks=asks,
        initial={"treatment": choice.params["treatment"], "who": choice.who, "date_of_birth": flow.date_of_birth},
    )
    if form.is_valid():
        return _chosen(request, flow, choice, form.cleaned_data)
    return render(request, "bookings/book/choose.html", {"form": form, **_choice_context(request, choice, asks)})


def _open_questions(request: HttpRequest, flow: Flow, choice: Choice) -> frozenset[str]:
    change = request.GET.get("change")
    if choice.treatment is None or change == "visit":
        return frozenset({"treatment", "who"})
    if change == "birthday":
        return frozenset({"date_of_birth"})
    asks = set() if choice.who else {"who"}
    if choice.treatment.asks_date_of_birth_first and flow.date_of_birth is None:
        asks.add("date_of_birth")
    return frozenset(asks)


def _choice_context(request: HttpRequest, choice: Choice, asks: frozenset[str]) -> dict[str, Any]:
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
    treatment: Treatment = answers.get("treatment") or choice.treatment
    params = {"treatment": treatment.slug, "with": answers.get("who") or choice.who or ANY}
    born = answers.get("date_of_birth")
    if born:
        try:
            check_age(treatment=treatment, date_of_birth=born, visit_day=clock.today(), now=clock.now())
        except TooYoung:
            return _refuse_young(request, flow, treatment)
        flow.date_of_birth = born
        flow.save(request)
    if treatment.asks_date_of_birth_first and flow.date_of_birth is None:
        return go("choose", params)
    is_correction = request.GET.get("change") == "birthday" and flow.hold_id and flow.is_complete
    return go("check", params) if is_correction else go("when", params)


def _refuse_young(request: HttpRequest, flow: Flow, treatment: Treatment) -> HttpResponse:
    """Keep nothing of someone we may not book."""
    if flow != Flow():
        Flow().save(request)
    return go("too_young", {"treatment": treatment.slug})


@require_GET
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
    search = Search(choice.treatment, choice.practitioner, clock.now(), "when", choice.params)
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
        "was_lost": "lost" in request.GET,
        "was_refused": request.GET.get("refused") == "yes",
        "back_url": address("choose", {**choice.params, "change": "visit"}),
        "anyone_url": address("when", {**choice.params, "with": ANY}) if choice.practitioner else "",
    }
    return render_page(request, "bookings/book/when.html", context, fragment=fragment_of(request))


def fragment_of(request: HttpRequest) -> str:
    """The times alone for a tap on a day; the whole page when the browser goes back to one it did not keep."""
    htmx = getattr(request, "htmx", None)
    return "" if htmx and htmx.history_restore_request else "times"


def _hold(request: HttpRequest, flow: Flow, choice: Choice, treatment: Treatment) -> HttpResponse:
    now = clock.now()
    time = read_time(request.POST.get("slot", ""))
    if time is None:
        return go("when", {**state(request), "refused": "yes"})
    practitioner = choice.practitioner
    if time.practitioner and practitioner is None:
        practitioner = bookable_practitioners(treatment).filter(slug=time.practitioner).first()
    try:
        if treatment.asks_date_of_birth_first and flow.date_of_birth:
            day = clock.today(time.starts_at)
            check_age(treatment=treatment, date_of_birth=flow.date_of_birth, visit_day=day, now=now)
        hold = booking.hold(
            treatment=treatment,
            practitioner=practitioner,
            starts_at=time.starts_at,
            now=now,
            instead_of=flow.hold(),
        )
    except TooYoung:
        return _refuse_young(request, flow, treatment)
    except SlotTaken:
        return go("when", taken_params(choice.params, time.starts_at))
    except DomainError:
        return go("when", {**state(request), "refused": "yes"})
    flow.hold_id, flow.booked = hold.pk, ""
    flow.save(request)
    day = clock.today(hold.starts_at).isoformat()
    return go("check" if flow.is_complete else "details", {**choice.params, "day": day})


def taken_params(params: dict[str, str], starts_at: datetime) -> dict[str, str]:
    """The address of the times page that says a time is gone, and offers the nearest."""
    return {**params, "day": clock.today(starts_at).isoformat(), "taken": clock.local(starts_at).isoformat()}


@page
def details(request: HttpRequest) -> HttpResponse:
    flow = Flow.of(request)
    hold = flow.hold()
    if hold is None:
        return _without_hold(request, flow)
    knows_birthday = hold.treatment.asks_date_of_birth_first and flow.date_of_birth is not None
    form = DetailsForm(
        request.POST if request.method == "POST" else None,
        asks_birthday=not knows_birthday,
        initial=_known_details(request, flow),
    )
    if "keep" in request.POST:
        form = DetailsForm(asks_birthday=not knows_birthday, initial=form.as_typed())
        return _kept(request, flow, hold) or _details_page(request, flow, hold, form)
    if form.is_valid():
        return _with_details(request, flow, hold, form.cleaned_data)
    return _details_page(request, flow, hold, form)


def _details_page(request: HttpRequest, flow: Flow, hold: Appointment, form: DetailsForm) -> HttpResponse:
    context = {
        "form": form,
        "hold": flow.hold() if "keep" in request.POST else hold,
        "now": clock.now(),
        "date_of_birth": flow.date_of_birth,
        "change_birthday": address("choose", {**_params(hold, request), "change": "birthday"}),
        "back_url": address("when", {**_params(hold, request), **_day_of(hold)}),
    }
    return render(request, "bookings/book/details.html", context)


def _known_details(request: HttpRequest, flow: Flow) -> dict[str, Any]:
    """What was typed before; else, for a patient who has signed in, what their record says."""
    known: dict[str, Any] = {**flow.details}
    patient = getattr(request.user, "patient", None) if isinstance(request.user, User) else None
    if not known and patient:
        known = {
            name: getattr(patient, name) for name in ("full_name", "email", "phone", "contact_by", "date_of_birth")
        }
    if flow.date_of_birth:
        known["date_of_birth"] = flow.date_of_birth
    return known


def _with_details(request: HttpRequest, flow: Flow, hold: Appointment, answers: dict[str, Any]) -> HttpResponse:
    flow.date_of_birth = answers.pop("date_of_birth", None) or flow.date_of_birth
    flow.details = answers
    if flow.date_of_birth:
        try:
            check_age(
                treatment=hold.treatment,
                date_of_birth=flow.date_of_birth,
                visit_day=clock.today(hold.starts_at),
                now=clock.now(),
            )
        except TooYoung:
            return _refuse_young(request, flow, hold.treatment)
    flow.save(request)
    return _kept(request, flow, hold) or go("check", {**_params(hold, request), **_day_of(hold)})


def _kept(request: HttpRequest, flow: Flow, hold: Appointment) -> HttpResponse | None:
    """Keep the time for another while, also when its minutes are over and nobody took it; answers only if it is gone."""
    now = clock.now()
    booking.renew(hold=hold, now=now)
    hold.refresh_from_db(fields=["status"])
    if hold.status != Status.EXPIRED:
        return None
    try:
        again = booking.hold(
            treatment=hold.treatment, practitioner=hold.practitioner, starts_at=hold.starts_at, now=now, instead_of=hold
        )
    except DomainError:
        return go("when", taken_params(_params(hold, request), hold.starts_at))
    flow.hold_id = again.pk
    flow.save(request)
    return None


@page
def check(request: HttpRequest) -> HttpResponse:
    flow = Flow.of(request)
    hold = flow.hold()
    if hold is None:
        return _without_hold(request, flow)
    if not flow.is_complete:
        return go("details", {**_params(hold, request), **_day_of(hold)})
    if "keep" in request.POST:
        return _kept(request, flow, hold) or go("check", {**_params(hold, request), **_day_of(hold)})
    form = TermsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _confirm(request, flow, hold, form)
    return _check_page(request, flow, hold, form)


def _confirm(request: HttpRequest, flow: Flow, hold: Appointment, form: TermsForm) -> HttpResponse:
    try:
        appointment = booking.confirm(hold=hold, details=flow.patient_details(), now=clock.now())
    except SlotTaken:
        return go("when", taken_params(_params(hold, request), hold.starts_at))
    except TooYoung:
        return _refuse_young(request, flow, hold.treatment)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _check_page(request, flow, hold, form)
    flow.finish(appointment.reference)
    flow.save(request)
    access.remember(request, appointment)
    return go("done")


def _check_page(request: HttpRequest, flow: Flow, hold: Appointment, form: TermsForm) -> HttpResponse:
    params = {**_params(hold, request), **_day_of(hold)}
    to_details = address("details", params)
    is_gated = hold.treatment.asks_date_of_birth_first
    context = {
        "form": form,
        "hold": hold,
        "now": clock.now(),
        "changes_until": changes_until(hold),
        "price": price_text(hold.treatment),
        "visit_rows": summary.visit_rows(
            hold,
            change_visit=address("choose", {**params, "change": "visit", "day": ""}),
            change_time=address("when", params),
        ),
        "patient_rows": summary.patient_rows(
            flow,
            change=to_details,
            change_birthday=address("choose", {**params, "change": "birthday"}) if is_gated else to_details,
        ),
        "back_url": to_details,
    }
    return render(request, "bookings/book/check.html", context)


@require_GET
def done(request: HttpRequest) -> HttpResponse:
    reference = Flow.of(request).booked
    appointment = access.visit_for(request, reference) if reference else None
    if appointment is None:
        return render(request, "bookings/book/restart.html", {"when_url": address("choose")})
    context = {
        "appointment": appointment,
        "rows": summary.visit_rows(appointment),
        "changes_until": changes_until(appointment),
    }
    return render(request, "bookings/book/done.html", context)


def _without_hold(request: HttpRequest, flow: Flow) -> HttpResponse:
    """Back to the first step that is missing, with what the address still says."""
    if flow.booked:
        return go("done")
    return go("when" if request.GET.get("treatment") else "choose", {**state(request), "lost": "yes"})


def _params(hold: Appointment, request: HttpRequest) -> dict[str, str]:
    who = request.GET.get("with", "")
    return {"treatment": hold.treatment.slug, "with": who if who == ANY else hold.practitioner.slug}


def _day_of(hold: Appointment) -> dict[str, str]:
    return {"day": clock.today(hold.starts_at).isoformat()}
