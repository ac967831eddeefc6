"""The first steps of a booking: what for and with whom, and when. The rest is in `confirm`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from django.core.validators import slug_re
from django.http import HttpResponse

from bookings.engine.consultations import opened_for
from bookings.engine.eligibility import check_age
from bookings.online import drafts
from bookings.online.forms.booking import ANY, ChooseForm, ChosenTime, bookable_practitioners, read_time
from bookings.online.views import access
from bookings.online.views.booking.flow import Choice, Draft, address
from bookings.online.views.booking.stores import Turn
from bookings.online.views.times import Search, find_times, policy_of
from bookings.visits.models import Appointment
from bookings.visits.refusals import Reason, Refusal, SlotTaken, TooYoung
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError

LOST = {"lost": "yes"}
GONE = {"gone": "yes"}  # what was to be booked is not offered online any more


class Choose:
    """What for, and with whom; where the treatment asks for it the date of birth."""

    def show(self, turn: Turn, query: Mapping[str, str]) -> HttpResponse:
        change = query.get("change", "")
        asks = open_questions(turn.draft, change=change)
        if not asks:
            return turn.onward("when")
        form = _choose_form(turn, asks)
        is_gone = "gone" in query or (turn.draft.choice.treatment is None and bool(query.get("treatment")))
        return _choose_page(turn, form, asks, change, was_lost="lost" in query, is_gone=is_gone)

    def answer(self, turn: Turn) -> HttpResponse:
        change = turn.request.GET.get("change", "")
        asks = open_questions(turn.draft, change=change)
        if not asks:
            return turn.onward("when")
        form = _choose_form(turn, asks, turn.request.POST)
        if form.is_valid():
            return _chosen(turn, form.cleaned_data)
        return _choose_page(turn, form, asks, change)


def open_questions(draft: Draft, *, change: str = "") -> frozenset[str]:
    """The fields of `ChooseForm` that are still to be answered, or answered again."""
    choice = draft.choice
    if choice.treatment is None or change == "visit":
        return frozenset({"treatment", "who"})
    if change == "birthday":
        return frozenset({"date_of_birth"})
    asks = set() if choice.who else {"who"}
    if choice.treatment.asks_date_of_birth_first and draft.date_of_birth is None:
        asks.add("date_of_birth")
    return frozenset(asks)


def _choose_form(turn: Turn, asks: frozenset[str], data: Any = None) -> ChooseForm:
    choice = turn.draft.choice
    known = {
        "treatment": choice.params["treatment"],
        "who": choice.who or (ANY if choice.treatment else ""),
        "date_of_birth": turn.draft.date_of_birth,
    }
    opened = partial(opened_for, turn.proved_patients, now=clock.now())
    return ChooseForm(data, known=choice.treatment, asks=asks, opened=opened, initial=known)


def _choose_page(
    turn: Turn, form: ChooseForm, asks: frozenset[str], change: str, *, was_lost: bool = False, is_gone: bool = False
) -> HttpResponse:
    choice = turn.draft.choice
    treatment = choice.treatment if "treatment" not in asks else None
    context = {
        "form": form,
        "action": turn.link("choose", change=change),
        "treatment": treatment,
        "practitioner": choice.practitioner,
        "price": treatment.price_in_words if treatment else "",
        "change_url": turn.link("choose", change="visit"),
        "is_only_birthday": asks == {"date_of_birth"},
        "was_lost": was_lost,
        "is_gone": is_gone,
    }
    return turn.render("choose", context)


def _chosen(turn: Turn, answers: dict[str, Any]) -> HttpResponse:
    draft, former = turn.draft, turn.draft.choice
    treatment = cast("Treatment", answers.get("treatment") or former.treatment)
    who = answers.get("who") or former.who or ANY
    draft.choice = Choice.read({"treatment": treatment.slug, "with": who})
    draft.date_of_birth = answers.get("date_of_birth") or draft.date_of_birth
    if treatment.asks_date_of_birth_first or "date_of_birth" in answers:
        try:
            _check_age(draft, treatment, clock.now())
        except TooYoung:
            return refuse_young(turn)
    is_only_birthday = not {"treatment", "who"} & set(answers)
    if open_questions(draft):
        return turn.onward("choose")
    if is_only_birthday and (hold := draft.hold()):
        return turn.onward("check" if draft.is_complete else "details", day_of(hold))
    return turn.onward("when")


def _check_age(draft: Draft, treatment: Treatment, visit_at: datetime) -> None:
    if draft.date_of_birth:
        day = clock.today(visit_at)
        check_age(treatment=treatment, date_of_birth=draft.date_of_birth, visit_day=day, now=clock.now())


def refuse_young(turn: Turn) -> HttpResponse:
    """Keep nothing of someone we may not book; only what was asked for, should the date have been a slip."""
    turn.draft.forget_person()
    turn.keep()
    return turn.onward("too_young")


class CannotBook:
    """The refusal for age, and the way back to the date for who typed it wrong."""

    def show(self, turn: Turn, query: Mapping[str, str]) -> HttpResponse:
        treatment, hold = turn.draft.choice.treatment, turn.draft.hold()
        if query.get("for") == "waiting":
            again = address("waiting_join", turn.draft.choice.params)
        elif hold and not hold.treatment.asks_date_of_birth_first:
            again = turn.link("details", **day_of(hold))
        else:
            again = turn.link("choose", change="birthday")
        return turn.render("too_young", {"treatment": treatment, "again_url": again if treatment else ""})

    def answer(self, turn: Turn) -> HttpResponse:
        return self.show(turn, turn.request.GET)


class When:
    """The days and times."""

    def show(self, turn: Turn, query: Mapping[str, str]) -> HttpResponse:
        draft, treatment = turn.draft, turn.draft.choice.treatment
        if treatment is None:
            return _without_treatment(turn, query)
        if open_questions(draft):
            return turn.onward("choose")
        choice, policy = draft.choice, policy_of(turn.request, treatment)
        href, params = _search_address(turn)
        search = Search(treatment, choice.practitioner, clock.now(), href, params, policy=policy)
        context = {
            "times": find_times(search, query),
            "treatment": treatment,
            "practitioner": choice.practitioner,
            "price": treatment.price_in_words,
            "today": clock.today(search.now),
            "tomorrow": clock.today(search.now) + timedelta(days=1),
            "action": turn.link("when", **stays(query)),
            "method": "post",
            "before": treatment_before(treatment, query),
            "already": None if turn.store.is_framed else access.coming_for(turn.request, treatment),
            "was_lost": "lost" in query,
            "was_refused": "refused" in query,
            "back_url": turn.link("choose", change="visit"),
            "anyone_url": _anyone_url(turn),
            "waiting_url": "" if turn.store.is_framed else address("waiting_join", choice.params),
        }
        return turn.render("when", context, fragment="times")

    def answer(self, turn: Turn) -> HttpResponse:
        draft, treatment = turn.draft, turn.draft.choice.treatment
        if treatment is None:
            return _without_treatment(turn, turn.request.GET)
        if open_questions(draft):
            return turn.onward("choose")
        if "slot" not in turn.request.POST:  # in a frame a day is a button too
            return self.show(turn, turn.request.GET)
        time = read_time(turn.request.POST["slot"])
        return _refused(turn) if time is None else _take(turn, treatment, time)


def _without_treatment(turn: Turn, query: Mapping[str, str]) -> HttpResponse:
    """Back to the first question, which says why it is asked again."""
    if query.get("lost"):
        return turn.onward("choose", LOST)
    return turn.onward("choose", GONE if query.get("treatment") or turn.draft.hold() else {})


def _take(turn: Turn, treatment: Treatment, time: ChosenTime) -> HttpResponse:
    try:
        hold = _hold(turn, treatment, time)
    except TooYoung:
        return refuse_young(turn)
    except SlotTaken as taken:
        return turn.onward("when", taken_params({}, time.starts_at, taken.reason))
    except DomainError as refusal:
        return _refused(turn, refusal)
    turn.draft.hold_id = hold.pk
    return turn.onward("check" if turn.draft.is_complete else "details", day_of(hold))


def _refused(turn: Turn, refusal: DomainError | None = None) -> HttpResponse:
    return turn.onward("when", stays(turn.request.GET) | {"refused": "yes"} | why_params(refusal))


def stays(query: Mapping[str, str]) -> dict[str, str]:
    """The part of an address that its form hands on."""
    return {name: query[name] for name in ("day", "before") if name in query}


def treatment_before(booked: Treatment, query: Mapping[str, str]) -> Treatment | None:
    """What was asked for (`?before=`), where the consultation that is booked has to come before it."""
    slug = query.get("before", "")
    if booked.kind != Treatment.Kind.CONSULTATION or not slug_re.match(slug):
        return None
    asked = Treatment.objects.bookable_online().filter(slug=slug).first()
    return asked if asked and asked.is_gated else None


def _search_address(turn: Turn) -> tuple[str, dict[str, str]]:
    """The page of times, and what its address says besides the day."""
    if turn.store.is_framed:
        return "embed_when", {}
    draft = turn.draft
    return "when", draft.choice.params | {"draft": "" if draft.is_fresh else draft.id}


def _anyone_url(turn: Turn) -> str:
    choice = turn.draft.choice
    if choice.practitioner is None or (turn.store.is_framed and not turn.draft.is_fresh):
        return ""  # in a frame a link would lose the answers
    to = "embed" if turn.store.is_framed else "when"
    return address(to, _search_address(turn)[1] | choice.params | {"with": ANY})


def _hold(turn: Turn, treatment: Treatment, time: ChosenTime) -> Appointment:
    """Keep the time that was tapped, in place of the one kept before.

    Raises:
        TooYoung: on the day of the visit. SlotTaken, NotBookable: as for `drafts.hold_for`.
    """
    draft, practitioner = turn.draft, turn.draft.choice.practitioner
    if time.practitioner and practitioner is None:
        practitioner = bookable_practitioners(treatment).filter(slug=time.practitioner).first()
    if treatment.asks_date_of_birth_first:
        _check_age(draft, treatment, time.starts_at)
    tap = f"{turn.request.POST.get('token', '')}|{time.practitioner}"
    return drafts.hold_for(
        draft.id,
        tap=tap,
        treatment=treatment,
        practitioner=practitioner,
        starts_at=time.starts_at,
        now=clock.now(),
    )


def taken_params(params: dict[str, str], starts_at: datetime, reason: Reason | None = None) -> dict[str, str]:
    """The address of the times page that says why a time cannot be had, and offers the nearest."""
    why = {"why": reason.value} if reason else {}
    return {**params, "day": clock.today(starts_at).isoformat(), "taken": clock.local(starts_at).isoformat(), **why}


def why_params(refusal: DomainError | None) -> dict[str, str]:
    """The part of an address that says why a time was refused, where that is known."""
    reason = refusal.reason if isinstance(refusal, Refusal) else None
    return {"why": reason.value} if reason else {}


def day_of(hold: Appointment) -> dict[str, str]:
    return {"day": clock.today(hold.starts_at).isoformat()}
