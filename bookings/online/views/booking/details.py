"""The page that asks who is coming."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from bookings.engine.eligibility import check_age
from bookings.online.forms.details import BookingDetailsForm
from bookings.online.views import proof, summary
from bookings.online.views.account import own_patients, own_record_of
from bookings.online.views.booking.age import refuse_young
from bookings.online.views.booking.flow import digest
from bookings.online.views.booking.held import CHANGED, kept, without_hold
from bookings.online.views.booking.params import day_of
from bookings.online.views.booking.stores import Turn
from bookings.visits.models import Appointment
from bookings.visits.refusals import (
    TooYoung,
)
from clinic.accounts.permissions import account_of
from clinic.core import clock
from clinic.patients.models import Patient


class Details:
    """Who is coming, and how to reach them."""

    def show(self, turn: Turn, query: Mapping[str, str]) -> HttpResponse:
        hold = turn.draft.hold()
        if hold is None or hold.patient_id:
            return without_hold(turn)
        return _details_page(turn, hold, _form(turn, hold))

    def answer(self, turn: Turn) -> HttpResponse:
        draft, hold = turn.draft, turn.draft.hold()
        if hold is None or hold.patient_id:
            draft.keep_typed(BookingDetailsForm(turn.request.POST, asks_birthday=True).as_typed())
            return without_hold(turn)
        form = _form(turn, hold, turn.request.POST)
        if "keep" in turn.request.POST or not turn.has_seen(_seen_with_details(hold)):
            return _judge_nothing(turn, hold, form)
        if not form.is_valid():
            draft.keep_typed(form.as_typed())
            turn.keep()
            return _details_page(turn, hold, form)
        draft.typed, draft.details = {}, form.cleaned_data
        draft.date_of_birth = draft.details.pop("date_of_birth", None) or draft.date_of_birth
        _write_to_own_record(turn)
        return _check_age(turn, hold) or kept(turn, hold) or turn.onward("check", day_of(hold))


def _form(turn: Turn, hold: Appointment, data: Any = None) -> BookingDetailsForm:
    draft = turn.draft
    knows_birthday = hold.treatment.asks_date_of_birth_first and draft.date_of_birth is not None
    return BookingDetailsForm(data, asks_birthday=not knows_birthday, initial=_known_details(turn))


def _known_details(turn: Turn) -> dict[str, Any]:
    """What was typed before; else, on the site, what the record of a patient who has signed in says."""
    draft = turn.draft
    known: dict[str, Any] = {**draft.details} or ({} if turn.store.is_framed else _of_record(turn.request))
    if known.get("phone"):
        known["phone"] = summary.as_dialled(str(known["phone"]))
    if draft.date_of_birth:
        known["date_of_birth"] = draft.date_of_birth
    return known | draft.typed


def _write_to_own_record(turn: Turn) -> None:
    """A visit of the person who has signed in goes to their own record, and what is sent to the address on it."""
    draft = turn.draft
    if turn.account is None or draft.date_of_birth is None:
        return
    own = own_record_of(turn.account, draft.details["full_name"], draft.date_of_birth, clock.now())
    if own and own.email:
        draft.details["email"] = own.email


def _of_record(request: HttpRequest) -> dict[str, Any]:
    """What the record says of who has signed in; of who came by a visit's link, all but the birthday."""
    names = ["full_name", "email", "phone", "contact_by"]
    account = account_of(request)
    patient = own_patients(account, clock.now()).first() if account else None
    if patient:
        names.append("date_of_birth")
    elif len(proved := proof.proved_patients(request)) == 1:
        patient = Patient.objects.filter(pk__in=proved).first()
    return {name: getattr(patient, name) for name in names} if patient else {}


def _judge_nothing(turn: Turn, hold: Appointment, form: BookingDetailsForm) -> HttpResponse:
    """Show what was typed again: more time was asked for, or the page knew of another time."""
    turn.draft.keep_typed(form.as_typed())
    notice = "" if "keep" in turn.request.POST else CHANGED
    return kept(turn, hold) or _details_page(turn, turn.draft.hold() or hold, _form(turn, hold), notice)


def _seen_with_details(hold: Appointment) -> str:
    return digest("details", hold.treatment_id, hold.practitioner_id, hold.starts_at)


def _details_page(turn: Turn, hold: Appointment, form: BookingDetailsForm, notice: str = "") -> HttpResponse:
    context = {
        "form": form,
        "notice": notice,
        "action": turn.link("details", **day_of(hold)),
        "hold": hold,
        "now": clock.now(),
        "date_of_birth": turn.draft.date_of_birth,
        "change_birthday": turn.link("choose", change="birthday"),
        "back_url": turn.link("when", **day_of(hold)),
    }
    return turn.render("details", context, shown=_seen_with_details(hold))


def _check_age(turn: Turn, hold: Appointment) -> HttpResponse | None:
    """The refusal, if there is one."""
    born = turn.draft.date_of_birth
    if born is None:
        return None
    day, now = clock.today(hold.starts_at), clock.now()
    try:
        check_age(treatment=hold.treatment, date_of_birth=born, visit_day=day, now=now)
    except TooYoung:
        return refuse_young(turn)
    return None
