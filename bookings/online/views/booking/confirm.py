"""The last steps of a booking: your details, check, done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from bookings.engine.attendance import will_be_reminded
from bookings.engine.eligibility import check_age
from bookings.messages.planning import links
from bookings.online import drafts
from bookings.online.first_visit import consultation_at
from bookings.online.forms.booking import ANY, BookingDetailsForm, TermsForm
from bookings.online.views import access, summary
from bookings.online.views.booking.age import refuse_young
from bookings.online.views.booking.flow import Choice, Draft, digest, go
from bookings.online.views.booking.params import LOST, day_of, stays, taken_params, treatment_before, why_params
from bookings.online.views.booking.stores import Turn, lost
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
from clinic.accounts.models import User
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.patients.models import Patient

CHANGED = (
    "This booking was changed after that page was opened, so nothing is booked yet. Please check it as it stands now."
)
OTHER = "This visit was booked already. The page you came from showed something else, and nothing more has been booked."


class Details:
    """Who is coming, and how to reach them."""

    def show(self, turn: Turn, query: Mapping[str, str]) -> HttpResponse:
        hold = turn.draft.hold()
        if hold is None or hold.patient_id:
            return _without_hold(turn)
        return _details_page(turn, hold, _form(turn, hold))

    def answer(self, turn: Turn) -> HttpResponse:
        draft, hold = turn.draft, turn.draft.hold()
        if hold is None or hold.patient_id:
            draft.keep_typed(BookingDetailsForm(turn.request.POST, asks_birthday=True).as_typed())
            return _without_hold(turn)
        form = _form(turn, hold, turn.request.POST)
        if "keep" in turn.request.POST or not turn.has_seen(_seen_with_details(hold)):
            return _judge_nothing(turn, hold, form)
        if not form.is_valid():
            draft.keep_typed(form.as_typed())
            turn.keep()
            return _details_page(turn, hold, form)
        draft.typed, draft.details = {}, form.cleaned_data
        draft.date_of_birth = draft.details.pop("date_of_birth", None) or draft.date_of_birth
        return _check_age(turn, hold) or _kept(turn, hold) or turn.onward("check", day_of(hold))


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


def _of_record(request: HttpRequest) -> dict[str, Any]:
    """What the record says of who has signed in; of who came by a visit's link, all but the birthday."""
    names = ["full_name", "email", "phone", "contact_by"]
    patient = getattr(request.user, "patient", None) if isinstance(request.user, User) else None
    if patient:
        names.append("date_of_birth")
    elif len(proved := access.proved_patients(request)) == 1:
        patient = Patient.objects.filter(pk__in=proved).first()
    return {name: getattr(patient, name) for name in names} if patient else {}


def _judge_nothing(turn: Turn, hold: Appointment, form: BookingDetailsForm) -> HttpResponse:
    """Show what was typed again: more time was asked for, or the page knew of another time."""
    turn.draft.keep_typed(form.as_typed())
    notice = "" if "keep" in turn.request.POST else CHANGED
    return _kept(turn, hold) or _details_page(turn, turn.draft.hold() or hold, _form(turn, hold), notice)


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


def _kept(turn: Turn, hold: Appointment) -> HttpResponse | None:
    """Keep the time for another while; answers only if it is gone."""
    try:
        turn.draft.hold_id = drafts.keep(turn.draft.id, hold, clock.now()).pk
    except DomainError as refusal:
        return turn.onward("when", taken_params({}, hold.starts_at) | why_params(refusal))
    turn.keep()
    return None


class Check:
    """Everything once more, and the terms."""

    def show(self, turn: Turn, query: Mapping[str, str]) -> HttpResponse:
        hold = turn.draft.hold()
        if hold is None or hold.patient_id:
            return _without_hold(turn)
        if not turn.draft.is_complete:
            return turn.onward("details", day_of(hold))
        return _check_page(turn, hold, TermsForm(), query=query)

    def answer(self, turn: Turn) -> HttpResponse:
        hold = turn.draft.hold()
        if hold is None or turn.draft.booked:
            return _without_hold(turn)
        if not turn.draft.is_complete:
            return turn.onward("details", day_of(hold))
        if not turn.has_seen(_seen_at_last(turn.draft, hold)):
            return _booked(turn, hold) if hold.patient_id else _check_page(turn, hold, TermsForm(), notice=CHANGED)
        if "keep" in turn.request.POST:
            return _kept(turn, hold) or turn.onward("check", stays(turn.request.GET) | day_of(hold))
        form = TermsForm(turn.request.POST)
        return _confirm(turn, hold, form) if form.is_valid() else _check_page(turn, hold, form)


def _confirm(turn: Turn, hold: Appointment, form: TermsForm) -> HttpResponse:
    try:
        visit = drafts.confirm(hold, turn.draft.patient_details(turn.proved_patients), clock.now())
    except KeyReused:
        return _booked(turn, hold)
    except SlotTaken as taken:
        return turn.onward("when", taken_params({}, hold.starts_at, taken.reason))
    except TooYoung:
        return refuse_young(turn)
    except DomainError as refusal:
        return _refused(turn, hold, form, refusal)
    return _booked(turn, visit, _seen_at_last(turn.draft, hold))


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
        kept = drafts.hold_consultation(turn.draft.id, hold, consultation, clock.now())
    except DomainError:
        return turn.onward("when", before | day_of(hold))
    turn.draft.hold_id = kept.pk
    return turn.onward("check", before | day_of(kept))


def _booked(turn: Turn, visit: Appointment, agreed: str = "") -> HttpResponse:
    """On to the last page; without `agreed` it was not the page just sent that booked it."""
    turn.draft.finish(visit.reference, agreed)
    turn.store.open_visit(turn, visit)
    turn.keep()
    return _to_done(turn)


def _to_done(turn: Turn) -> HttpResponse:
    is_other = turn.request.method == "POST" and not (turn.draft.agreed and turn.has_seen(turn.draft.agreed))
    return turn.onward("done", {"other": "yes"} if is_other else {})


def _seen_at_last(draft: Draft, hold: Appointment) -> str:
    """All that somebody agrees to; for a visit that stands already, what was agreed."""
    return digest("check", hold.treatment_id, summary.visit_rows(hold), summary.patient_rows(draft))


def _check_page(
    turn: Turn, hold: Appointment, form: TermsForm, *, query: Mapping[str, str] | None = None, notice: str = ""
) -> HttpResponse:
    query = turn.request.GET if query is None else query
    to_details = turn.link("details", **day_of(hold))
    is_gated = hold.treatment.asks_date_of_birth_first
    context = {
        "form": form,
        "notice": notice,
        "action": turn.link("check", **stays(query) | day_of(hold)),
        "before": treatment_before(hold.treatment, query),
        "hold": hold,
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


class Done:
    """The visit is booked."""

    def show(self, turn: Turn, query: Mapping[str, str]) -> HttpResponse:
        reference, framed = turn.draft.booked, turn.store.is_framed
        if framed:
            visit = Appointment.objects.visits().with_details().filter(reference=reference).first()
        else:
            visit = access.visit_for(turn.request, reference) if reference else None
        if visit is None:
            return lost(turn.request, turn.store, start=turn.link("choose"))
        if not visit.is_upcoming and not framed:  # cancelled since, or over
            return go("visit", {}, visit.reference)
        rows = summary.visit_rows(visit)
        context = {
            "appointment": visit,
            "rows": [*rows, summary.Row("Reference", visit.reference)] if framed else rows,
            "notice": OTHER if "other" in query else "",
            "changes_until": moves_until(visit, clock.now()),
            "is_reminded": will_be_reminded(visit),
            "visit_url": reverse("bookings:visit_link", args=[visit.link_token]) if framed else "",
            "token": "",
        }
        return turn.render("done", context)

    def answer(self, turn: Turn) -> HttpResponse:
        return self.show(turn, {})


def _without_hold(turn: Turn) -> HttpResponse:
    """Back to the first step that is missing, with what is still known; or on to the visit, if it is booked."""
    if turn.draft.booked:
        return _to_done(turn)
    if visit := turn.draft.hold():
        return _booked(turn, visit)
    day = {"day": turn.request.GET.get("day", "")}
    return turn.onward("when" if turn.draft.choice.treatment else "choose", LOST | day)
