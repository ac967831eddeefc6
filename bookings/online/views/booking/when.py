"""The page of days and times, and the hold of the one that is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.http import HttpResponse

from bookings.online import drafts
from bookings.online.forms.choose import ANY, bookable_practitioners
from bookings.online.forms.times import ChosenTime, read_time
from bookings.online.views import access
from bookings.online.views.booking import again
from bookings.online.views.booking.age import check_draft_age, refuse_young
from bookings.online.views.booking.choose import open_questions
from bookings.online.views.booking.flow import address
from bookings.online.views.booking.params import GONE, LOST, day_of, stays, taken_params, treatment_before, why_params
from bookings.online.views.booking.stores import Turn
from bookings.online.views.times import Search, find_times, policy_of
from bookings.visits.models import Appointment
from bookings.visits.refusals import SlotTaken, TooYoung
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError


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


def _search_address(turn: Turn) -> tuple[str, dict[str, str]]:
    """The page of times, and what its address says besides the day."""
    if turn.store.is_framed:
        return "embed_when", {}
    draft = turn.draft
    again_for = {again.FOR: again.ME} if again.is_for_me(turn.request) else {}
    return "when", draft.choice.params | again_for | {"draft": "" if draft.is_fresh else draft.id}


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
        check_draft_age(draft, treatment, time.starts_at)
    tap = f"{turn.request.POST.get('token', '')}|{time.practitioner}"
    return drafts.hold_for(
        draft.id,
        tap=tap,
        treatment=treatment,
        practitioner=practitioner,
        starts_at=time.starts_at,
        now=clock.now(),
        visitor=turn.visitor,
    )
