"""The page on which a booking is checked and confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from bookings.messages.planning import links
from bookings.online import drafts
from bookings.online.first_visit import consultation_at
from bookings.online.forms.choose import ANY
from bookings.online.forms.details import TermsForm
from bookings.online.views import summary
from bookings.online.views.access import note_booked
from bookings.online.views.account import Whose, whose_record
from bookings.online.views.booking.age import refuse_young
from bookings.online.views.booking.flow import Choice, Draft, digest
from bookings.online.views.booking.held import CHANGED, booked, kept, without_hold
from bookings.online.views.booking.params import day_of, stays, taken_params, treatment_before
from bookings.online.views.booking.stores import Turn
from bookings.visits.models import Appointment
from bookings.visits.policy import moves_until
from bookings.visits.refusals import (
    KeyReused,
    NeedsConsultation,
    ReturningPatientsOnly,
    SlotTaken,
    TooManyVisits,
    TooYoung,
)
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError


class Check:
    """Everything once more, and the terms."""

    def show(self, turn: Turn, query: Mapping[str, str]) -> HttpResponse:
        hold = turn.draft.hold()
        if hold is None or hold.patient_id:
            return without_hold(turn)
        if not turn.draft.is_complete:
            return turn.onward("details", day_of(hold))
        return _check_page(turn, hold, _form(turn), query=query)

    def answer(self, turn: Turn) -> HttpResponse:
        hold = turn.draft.hold()
        if hold is None or turn.draft.booked:
            return without_hold(turn)
        if not turn.draft.is_complete:
            return turn.onward("details", day_of(hold))
        if not turn.has_seen(_seen_at_last(turn.draft, hold)):
            return booked(turn, hold) if hold.patient_id else _check_page(turn, hold, _form(turn), notice=CHANGED)
        if "keep" in turn.request.POST:
            return kept(turn, hold) or turn.onward("check", stays(turn.request.GET) | day_of(hold))
        form = _form(turn, turn.request.POST)
        return _confirm(turn, hold, form) if form.is_valid() else _check_page(turn, hold, form)


def _form(turn: Turn, data: Any = None) -> TermsForm:
    return TermsForm(data, may_join=_whose(turn).joins is not None)


def _confirm(turn: Turn, hold: Appointment, form: TermsForm) -> HttpResponse:
    try:
        whose = _whose(turn)
        joins = whose.joins if form.cleaned_data.get("is_mine") else None
        who = turn.draft.patient_details(proved=turn.proved_patients, record=whose.record, joins=joins)
        visit = drafts.confirm(hold, who, clock.now())
        if whose.helps:
            note_booked(turn.request, visit)
    except KeyReused:
        return booked(turn, hold)
    except SlotTaken as taken:
        return turn.onward("when", taken_params({}, hold.starts_at, taken.reason))
    except TooYoung:
        return refuse_young(turn)
    except DomainError as refusal:
        return _refused(turn, hold, form, refusal)
    return booked(turn, visit, _seen_at_last(turn.draft, hold))


def _whose(turn: Turn) -> Whose:
    details, born = turn.draft.details, turn.draft.date_of_birth
    if turn.account is None or born is None:
        return Whose()
    return whose_record(turn.account, details["full_name"], details["email"], born, clock.now())


def _refused(turn: Turn, hold: Appointment, form: TermsForm, refusal: DomainError) -> HttpResponse:
    if isinstance(refusal, NeedsConsultation | ReturningPatientsOnly) and (consultation := consultation_at(hold)):
        return _consultation_first(turn, hold, consultation)
    if isinstance(refusal, TooManyVisits):
        links.plan_links(turn.draft.details["email"], clock.now())  # to the address alone: it may have one to move
    form.add_error(None, str(refusal))
    return _check_page(turn, hold, form)


def _consultation_first(turn: Turn, hold: Appointment, consultation: Treatment) -> HttpResponse:
    """Ask whether to book the consultation in the time that is held, with what was typed; else offer its times."""
    who = turn.draft.choice.who
    choice = Choice.read({"treatment": consultation.slug, "with": who})
    turn.draft.choice = choice if choice.who else Choice.read({"treatment": consultation.slug, "with": ANY})
    before = {"before": hold.treatment.slug}
    try:
        kept = drafts.hold_consultation(turn.draft.id, hold, consultation, clock.now(), turn.visitor)
    except DomainError:
        return turn.onward("when", before | day_of(hold))
    turn.draft.hold_id = kept.pk
    return turn.onward("check", before | day_of(kept))


def _seen_at_last(draft: Draft, hold: Appointment) -> str:
    """All that somebody agrees to; for a visit that stands already, what was agreed."""
    return digest("check", hold.treatment_id, summary.visit_rows(hold), summary.patient_rows(draft))


def _check_page(
    turn: Turn, hold: Appointment, form: TermsForm, *, query: Mapping[str, str] | None = None, notice: str = ""
) -> HttpResponse:
    query, whose = turn.request.GET if query is None else query, _whose(turn)
    to_details = turn.link("details", **day_of(hold))
    is_gated = hold.treatment.asks_date_of_birth_first
    context = {
        "form": form,
        "notice": notice,
        "action": turn.link("check", **stays(query) | day_of(hold)),
        "before": treatment_before(hold.treatment, query),
        "hold": hold,
        "is_own": whose.record is not None and not whose.helps,
        "helped": turn.draft.details["full_name"] if whose.helps else "",
        "now": clock.now(),
        "changes_until": moves_until(hold, clock.now()),
        "price": hold.agreed_price,
        "visit_rows": summary.visit_rows(
            hold,
            change_visit=turn.link("choose", change="visit"),
            change_time=turn.link("when", **day_of(hold)),
        ),
        "patient_rows": summary.patient_rows(
            turn.draft,
            change=to_details,
            change_birthday=turn.link("choose", change="birthday") if is_gated else to_details,
        ),
        "back_url": to_details,
    }
    return turn.render("check", context, shown=_seen_at_last(turn.draft, hold))
