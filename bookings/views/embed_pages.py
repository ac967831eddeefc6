"""The pages of the booking in a frame: what each shows, with the token that hands on what is known so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from bookings.domain.coming import will_be_reminded
from bookings.domain.policy import moves_until
from bookings.forms import ANY, BookingDetailsForm, ChooseForm, TermsForm
from bookings.forms.booking import price_text
from bookings.models import Appointment
from bookings.templatetags.visit_times import agreed_price
from bookings.views import summary
from bookings.views.book import choice_context, day_of
from bookings.views.embed_state import Progress
from bookings.views.flow import Flow, address
from bookings.views.times import Search, find_times
from clinic.catalogue.models import Treatment
from clinic.core import clock


def _show(request: HttpRequest, name: str, progress: Progress, context: Mapping[str, Any]) -> HttpResponse:
    response = render(request, f"bookings/embed/{name}.html", {"token": progress.token, **context})
    if progress.is_personal:  # others may be stored by this browser alone, so that its Back button works
        add_never_cache_headers(response)
    return response


def lost_page(request: HttpRequest) -> HttpResponse:
    return render(request, "bookings/embed/restart.html", {"when_url": address("embed")}, status=400)


def too_young_page(request: HttpRequest, treatment: Treatment | None) -> HttpResponse:
    """Hand on nothing of someone we may not book."""
    return render(request, "bookings/embed/too_young.html", {"treatment": treatment})


def choose_page(
    request: HttpRequest, progress: Progress, asks: frozenset[str], form: ChooseForm | None = None
) -> HttpResponse:
    choice, born = progress.choice, progress.flow.date_of_birth
    initial = {"treatment": choice.params["treatment"], "who": choice.who, "date_of_birth": born}
    change = request.GET.get("change", "")
    context = {
        **choice_context(request, choice, asks),
        "form": form or ChooseForm(known=choice.treatment, asks=asks, initial=initial),
        "action": address("embed", {"change": change}),
        "change_url": address("embed", {"change": "visit"}),
    }
    return _show(request, "choose", progress, context)


def times_page(
    request: HttpRequest,
    progress: Progress,
    query: Mapping[str, str] | None = None,
    *,
    before: Treatment | None = None,
    **notices: bool,
) -> HttpResponse:
    choice, now = progress.choice, clock.now()
    if choice.treatment is None:
        raise ValueError("The treatment is asked before this.")
    search = Search(choice.treatment, choice.practitioner, now, "embed_when", {})
    is_fresh = progress.flow == Flow()  # a link would lose the answers
    context = {
        **notices,
        "before": before,
        "times": find_times(search, query or {}),
        "treatment": choice.treatment,
        "practitioner": choice.practitioner,
        "price": price_text(choice.treatment),
        "today": clock.today(now),
        "tomorrow": clock.today(now) + timedelta(days=1),
        "method": "post",
        "action": address("embed_when"),
        "back_url": address("embed", {"change": "visit"}),
        "anyone_url": address("embed", {**choice.params, "with": ANY}) if choice.practitioner and is_fresh else "",
    }
    return _show(request, "when", progress, context)


def knows_birthday(progress: Progress, hold: Appointment) -> bool:
    return hold.treatment.asks_date_of_birth_first and progress.flow.date_of_birth is not None


def known_details(flow: Flow) -> dict[str, Any]:
    return {**flow.details, "date_of_birth": flow.date_of_birth} if flow.date_of_birth else {**flow.details}


def details_page(
    request: HttpRequest, progress: Progress, hold: Appointment, form: BookingDetailsForm | None = None
) -> HttpResponse:
    context = {
        "form": form
        or BookingDetailsForm(asks_birthday=not knows_birthday(progress, hold), initial=known_details(progress.flow)),
        "hold": hold,
        "now": clock.now(),
        "date_of_birth": progress.flow.date_of_birth,
        "action": address("embed_details"),
        "change_birthday": address("embed", {"change": "birthday"}),
        "back_url": address("embed_when", day_of(hold)),
    }
    return _show(request, "details", progress, context)


def check_page(
    request: HttpRequest,
    progress: Progress,
    hold: Appointment,
    form: TermsForm | None = None,
    *,
    before: Treatment | None = None,
) -> HttpResponse:
    context = {
        "form": form or TermsForm(),
        "before": before,
        "hold": hold,
        "now": clock.now(),
        "changes_until": moves_until(hold, clock.now()),
        "price": agreed_price(hold),
        "visit_rows": summary.visit_rows(hold),
        "patient_rows": summary.patient_rows(progress.flow, change="", change_birthday=""),
        "action": address("embed_check"),
        "change_time": address("embed_when", day_of(hold)),
        "back_url": address("embed_details"),
    }
    return _show(request, "check", progress, context)


def done_page(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    context = {
        "appointment": appointment,
        "rows": [*summary.visit_rows(appointment), summary.Row("Reference", appointment.reference)],
        "changes_until": moves_until(appointment, clock.now()),
        "is_reminded": will_be_reminded(appointment),
        "visit_url": reverse("bookings:visit_link", args=[appointment.link_token]),
    }
    response = render(request, "bookings/embed/done.html", context)
    add_never_cache_headers(response)
    return response
