"""What becomes of the time that a draft holds: kept some minutes more, gone, or booked."""

from __future__ import annotations

from django.http import HttpResponse

from bookings.online import drafts
from bookings.online.views.booking.params import LOST, taken_params, why_params
from bookings.online.views.booking.stores import Turn
from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.core.errors import DomainError

CHANGED = (
    "This booking was changed after that page was opened, so nothing is booked yet. Please check it as it stands now."
)


def kept(turn: Turn, hold: Appointment) -> HttpResponse | None:
    """Keep the time for another while; answers only if it is gone."""
    try:
        turn.draft.hold_id = drafts.keep(turn.draft.id, hold, clock.now(), turn.visitor).pk
    except DomainError as refusal:
        return turn.onward("when", taken_params({}, hold.starts_at) | why_params(refusal))
    turn.keep()
    return None


def booked(turn: Turn, visit: Appointment, agreed: str = "") -> HttpResponse:
    """On to the last page; without `agreed` it was not the page just sent that booked it."""
    turn.draft.finish(visit.reference, agreed)
    turn.store.open_visit(turn, visit)
    turn.keep()
    return to_done(turn)


def to_done(turn: Turn) -> HttpResponse:
    is_other = turn.request.method == "POST" and not (turn.draft.agreed and turn.has_seen(turn.draft.agreed))
    return turn.onward("done", {"other": "yes"} if is_other else {})


def without_hold(turn: Turn) -> HttpResponse:
    """Back to the first step that is missing, with what is still known; or on to the visit, if it is booked."""
    if turn.draft.booked:
        return to_done(turn)
    if visit := turn.draft.hold():
        return booked(turn, visit)
    day = {"day": turn.request.GET.get("day", "")}
    return turn.onward("when" if turn.draft.choice.treatment else "choose", LOST | day)
