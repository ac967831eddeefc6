"""The first page of a booking: what for and with whom. Then follow `when`, `details`, `check` and `done`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from django.http import HttpResponse

from bookings.engine.consultations import opened_for
from bookings.online.forms.choose import ANY, ChooseForm
from bookings.online.views.booking.age import check_draft_age, refuse_young
from bookings.online.views.booking.flow import Choice, Draft
from bookings.online.views.booking.params import day_of
from bookings.online.views.booking.stores import Turn
from bookings.visits.refusals import TooYoung
from clinic.catalogue.models import Treatment
from clinic.core import clock


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
            check_draft_age(draft, treatment, clock.now())
        except TooYoung:
            return refuse_young(turn)
    is_only_birthday = not {"treatment", "who"} & set(answers)
    if open_questions(draft):
        return turn.onward("choose")
    if is_only_birthday and (hold := draft.hold()):
        return turn.onward("check" if draft.is_complete else "details", day_of(hold))
    return turn.onward("when")
