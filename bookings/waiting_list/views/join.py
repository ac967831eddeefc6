"""Joining the list, after the times that are free."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bookings.engine.availability.nearest import next_slots
from bookings.engine.consultations import opened_for
from bookings.online.first_visit import first_before
from bookings.online.forms.choose import ANY
from bookings.online.views import proof
from bookings.online.views.booking.flow import Choice, address, go
from bookings.online.views.booking.params import GONE
from bookings.online.views.visit.page import page
from bookings.online.views.visitor import visitor_of
from bookings.visits.policy import policy_for
from bookings.visits.refusals import TooYoung
from bookings.visits.slot import Slot
from bookings.waiting_list import entries as waiting
from bookings.waiting_list.forms import JoinForm
from bookings.waiting_list.models import WaitingEntry
from bookings.waiting_list.views.opened import has_open, opened_entries, remember_entry
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError

MOST_SHOWN = 3


@page
def join(request: HttpRequest) -> HttpResponse:
    """`?treatment=<slug>[&with=<slug>]`; without a treatment, choose one first."""
    choice, now = Choice.read(request.GET), clock.now()
    if choice.treatment is None:
        return go("choose", GONE if request.GET.get("treatment") else {})
    named = [choice.practitioner.slug] if choice.practitioner else []
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        treatment=choice.treatment,
        today=clock.today(now),
        initial={"practitioners": named},
    )
    found: list[Slot] = []
    if form.is_valid() and "anyway" not in request.POST:
        found = waiting.free_instead(treatment=choice.treatment, now=now, **form.wishes)
    if form.is_valid() and not found:
        try:
            proved = proof.proved_patients(request)
            entry = waiting.join(
                treatment=choice.treatment,
                details=replace(form.details, proved=proved),
                now=now,
                opened=opened_entries(request),
                visitor=visitor_of(request),
                **form.wishes,
            )
        except TooYoung:
            return go("too_young", {**choice.params, "for": "waiting"})
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return _joined(request, entry, now, is_proved=entry.patient_id in proved)
    is_shut = choice.treatment.is_gated and not opened_for(proof.proved_patients(request), [choice.treatment], now)
    context = {
        "form": form,
        "found": [free_time(choice.treatment, slot) for slot in found[:MOST_SHOWN]],
        "free": [] if form.is_bound or is_shut else [free_time(choice.treatment, slot) for slot in _next(choice, now)],
        "is_shut": is_shut,
        "first_url": _first_url(choice.treatment) if is_shut else "",
        "treatment": choice.treatment,
        "horizon": clock.today(now + policy_for(choice.treatment).horizon),
        "back_url": address("when", {"treatment": choice.treatment.slug, "with": choice.who or ANY}),
    }
    return render(request, "bookings/waiting_list/join.html", context)


def _first_url(treatment: Treatment) -> str:
    """Where to book what comes before a gated treatment; nothing if that is not booked online."""
    first = first_before(treatment)
    return address("when", {"treatment": first.slug, "with": ANY}) if first else ""


@dataclass(frozen=True, slots=True)
class Free:
    """A time that can be booked instead of waiting; `href` shows it among the times of its day."""

    slot: Slot
    href: str


def free_time(treatment: Treatment, slot: Slot) -> Free:
    day = clock.today(slot.starts_at).isoformat()
    return Free(slot, address("when", {"treatment": treatment.slug, "with": slot.practitioner_slug, "day": day}))


def _next(choice: Choice, now: datetime) -> list[Slot]:
    if choice.treatment is None:
        return []
    return next_slots(treatment=choice.treatment, practitioner=choice.practitioner, now=now, limit=MOST_SHOWN)


def _joined(request: HttpRequest, entry: WaitingEntry, now: datetime, *, is_proved: bool) -> HttpResponse:
    """Open the entry to who has made it by this very request, or had it open. Others may know a patient's name and
    birthday too, and must not see, take or refuse what is kept for the patient."""
    was_on_the_list = entry.created_at != now
    if was_on_the_list and not is_proved and not has_open(request, entry):
        return render(request, "bookings/waiting_list/already.html", {"entry": entry})
    remember_entry(request, entry)
    told = "You were on the list already. What suits you is changed, and your place is the same."
    if not was_on_the_list:
        told = "You are on the list. We email you the link to this page, and write when a time comes free."
    messages.success(request, told)
    return redirect("bookings:waiting", entry.reference)
