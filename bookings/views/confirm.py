"""The last steps of a booking: your details, check, done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from bookings.domain import booking, messages
from bookings.domain.coming import will_be_reminded
from bookings.domain.first_visit import consultation_at, hold_consultation
from bookings.domain.patients import PatientDetails, check_age
from bookings.domain.policy import moves_until
from bookings.domain.refusals import NeedsConsultation, SlotTaken, TooManyVisits, TooYoung
from bookings.forms import ANY, BookingDetailsForm, TermsForm
from bookings.models import Appointment
from bookings.models.appointment import Status
from bookings.templatetags.visit_times import agreed_price
from bookings.views import access, summary
from bookings.views.book import day_of, refuse_young, taken_params, treatment_before
from bookings.views.flow import Flow, address, go, state
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.patients.models import Patient

page = require_http_methods(["GET", "HEAD", "POST"])


@page
def details(request: HttpRequest) -> HttpResponse:
    flow = Flow.of(request)
    hold = flow.hold()
    if hold is None:
        return _without_hold(request, flow)
    knows_birthday = hold.treatment.asks_date_of_birth_first and flow.date_of_birth is not None
    form = BookingDetailsForm(
        request.POST if request.method == "POST" else None,
        asks_birthday=not knows_birthday,
        initial=_known_details(request, flow),
    )
    if "keep" in request.POST:
        form = BookingDetailsForm(asks_birthday=not knows_birthday, initial=form.as_typed())
        return _kept(request, flow, hold) or _details_page(request, flow, hold, form)
    if form.is_valid():
        return _with_details(request, flow, hold, form.cleaned_data)
    return _details_page(request, flow, hold, form)


def _details_page(request: HttpRequest, flow: Flow, hold: Appointment, form: BookingDetailsForm) -> HttpResponse:
    context = {
        "form": form,
        "hold": flow.hold() if "keep" in request.POST else hold,
        "now": clock.now(),
        "date_of_birth": flow.date_of_birth,
        "change_birthday": address("choose", {**_params(hold, request), "change": "birthday"}),
        "back_url": address("when", {**_params(hold, request), **day_of(hold)}),
    }
    return render(request, "bookings/book/details.html", context)


def _known_details(request: HttpRequest, flow: Flow) -> dict[str, Any]:
    """What was typed before; else, for a patient who has signed in, what their record says."""
    known: dict[str, Any] = {**flow.details} or _of_record(request)
    if flow.date_of_birth:
        known["date_of_birth"] = flow.date_of_birth
    return known


def _of_record(request: HttpRequest) -> dict[str, Any]:
    """What the record says of who has signed in; of who came by a visit's link, all but the birthday."""
    names = ["full_name", "email", "phone", "contact_by"]
    patient = getattr(request.user, "patient", None) if isinstance(request.user, User) else None
    if patient:
        names.append("date_of_birth")
    elif len(proved := access.proved_patients(request)) == 1:
        patient = Patient.objects.filter(pk__in=proved).first()
    return {name: getattr(patient, name) for name in names} if patient else {}


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
            return refuse_young(request, flow, hold.treatment)
    flow.save(request)
    return _kept(request, flow, hold) or go("check", {**_params(hold, request), **day_of(hold)})


def _kept(request: HttpRequest, flow: Flow, hold: Appointment) -> HttpResponse | None:
    """Keep the time for another while; answers only if it is gone."""
    try:
        flow.hold_id = keep_time(hold).pk
    except DomainError:
        return go("when", taken_params(_params(hold, request), hold.starts_at))
    flow.save(request)
    return None


def keep_time(hold: Appointment) -> Appointment:
    """Keep the time for another while, also when its minutes are over and nobody took it.

    Raises:
        SlotTaken, NotBookable: as for `booking.hold`.
    """
    now = clock.now()
    booking.renew(hold=hold, now=now)
    hold.refresh_from_db(fields=["status"])
    if hold.status != Status.EXPIRED:
        return hold
    return booking.hold(
        treatment=hold.treatment, practitioner=hold.practitioner, starts_at=hold.starts_at, now=now, instead_of=hold
    )


@page
def check(request: HttpRequest) -> HttpResponse:
    flow = Flow.of(request)
    hold = flow.hold()
    if hold is None:
        return _without_hold(request, flow)
    if not flow.is_complete:
        return go("details", {**_params(hold, request), **day_of(hold)})
    if "keep" in request.POST:
        return _kept(request, flow, hold) or go("check", {**_params(hold, request), **day_of(hold)})
    form = TermsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _confirm(request, flow, hold, form)
    return _check_page(request, flow, hold, form)


def _confirm(request: HttpRequest, flow: Flow, hold: Appointment, form: TermsForm) -> HttpResponse:
    try:
        appointment = booking.confirm(hold=hold, details=_details_of(request, flow), now=clock.now())
    except SlotTaken as taken:
        return go("when", taken_params(_params(hold, request), hold.starts_at, taken.reason))
    except TooYoung:
        return refuse_young(request, flow, hold.treatment)
    except TooManyVisits as refusal:
        messages.plan_links(flow.details["email"], clock.now())  # to the address alone, which may have one to move
        form.add_error(None, str(refusal))
        return _check_page(request, flow, hold, form)
    except NeedsConsultation as refusal:
        return _consultation_first(request, flow, hold, form, str(refusal))
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _check_page(request, flow, hold, form)
    flow.finish(appointment.reference)
    flow.save(request)
    access.remember(request, appointment)
    return go("done")


def _consultation_first(
    request: HttpRequest, flow: Flow, hold: Appointment, form: TermsForm, refusal: str
) -> HttpResponse:
    """Ask whether to book the consultation in the time that is held, with what was typed; else offer its times."""
    consultation = consultation_at(hold)
    if consultation is None:
        form.add_error(None, refusal)
        return _check_page(request, flow, hold, form)
    params = {"treatment": consultation.slug, "with": _params(hold, request)["with"], "before": hold.treatment.slug}
    try:
        kept = hold_consultation(held=hold, consultation=consultation, now=clock.now())
    except DomainError:
        return go("when", {**params, **day_of(hold)})
    flow.hold_id = kept.pk
    flow.save(request)
    return go("check", {**params, **day_of(kept)})


def _details_of(request: HttpRequest, flow: Flow) -> PatientDetails:
    """What was typed, and whose record it may change."""
    return replace(flow.patient_details(), proved=access.proved_patients(request))


def _check_page(request: HttpRequest, flow: Flow, hold: Appointment, form: TermsForm) -> HttpResponse:
    params = {**_params(hold, request), **day_of(hold)}
    to_details = address("details", params)
    is_gated = hold.treatment.asks_date_of_birth_first
    context = {
        "form": form,
        "hold": hold,
        "now": clock.now(),
        "changes_until": moves_until(hold, clock.now()),
        "price": agreed_price(hold),
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
        "before": treatment_before(hold.treatment, request.GET.get("before", "")),
    }
    return render(request, "bookings/book/check.html", context)


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    reference = Flow.of(request).booked
    appointment = access.visit_for(request, reference) if reference else None
    if appointment is None:
        return render(request, "bookings/book/restart.html", {"when_url": address("choose")})
    context = {
        "appointment": appointment,
        "rows": summary.visit_rows(appointment),
        "changes_until": moves_until(appointment, clock.now()),
        "is_reminded": will_be_reminded(appointment),
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
