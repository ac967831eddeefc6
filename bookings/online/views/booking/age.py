"""Refuse who is too young, before any time is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpResponse

from bookings.engine.eligibility import check_age
from bookings.online.views.booking.flow import Draft, address
from bookings.online.views.booking.params import day_of
from bookings.online.views.booking.stores import Turn
from clinic.catalogue.models import Treatment
from clinic.core import clock


def check_draft_age(draft: Draft, treatment: Treatment, visit_at: datetime) -> None:
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
