"""Plan the letters to owners about an open request about data: from day 14 and from day 28 on, once each (DP-04, DP-05).

The key of a letter says which request, which of its two clocks and how near the day: a loop that was killed, or that
was away on the day itself, tells it once all the same. Nothing is told while proof of identity is waited for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.messages.models import Message
from bookings.messages.planning.rows import tell_staff_once
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.privacy.deadlines import WORRIES_AFTER
from clinic.privacy.models import DataRequest
from clinic.staff.people import owners

LASTS = timedelta(days=7)
_REQUEST = "request:"
ACKNOWLEDGE, ANSWER, ANSWER_LATER = "acknowledge", "answer", "answer-later"


def plan_due(now: datetime) -> list[Message]:
    """Tell every owner who can sign in; the clinic's own address, if there is none."""
    marks = [f"{_REQUEST}{one.pk}:{mark}" for one in DataRequest.objects.open() if (mark := _mark(one, now))]
    if not marks:
        return []
    addresses = sorted({user.email.lower() for user in owners()} or {ClinicSettings.load().email} - {""})
    keys = {f"{mark}:{address}"[:120]: address for mark in marks for address in addresses}
    return tell_staff_once(keys, now, expires_at=now + LASTS)


def is_theirs(notice: Message) -> bool:
    return notice.key.startswith(_REQUEST)


def is_of_acknowledgement(notice: Message) -> bool:
    """Whether it tells of a complaint that has to be acknowledged."""
    return notice.key.split(":")[2] == ACKNOWLEDGE


def request_of(notice: Message) -> DataRequest | None:
    return DataRequest.objects.filter(pk=int(notice.key.split(":")[1])).first()


def why_untrue(notice: Message) -> str:
    """Why it need not go out any more; empty while its clock runs."""
    request = request_of(notice)
    if request is None or not request.is_open:
        return "The request is closed."
    if request.is_paused:
        return "Its clock stands still."
    return "" if _clock_of(request) == notice.key.split(":")[2] else "It has another day now."


def _mark(request: DataRequest, now: datetime) -> str:
    """Which clock, and how near its day; empty while nothing has to be told."""
    colour = request.colour(now)
    if not colour or request.is_paused:
        return ""
    if colour == "worry" and _was_just_acknowledged(request):
        return ""
    return f"{_clock_of(request)}:{colour}"


def _clock_of(request: DataRequest) -> str:
    if request.must_acknowledge:
        return ACKNOWLEDGE
    return ANSWER_LATER if request.extended_to else ANSWER


def _was_just_acknowledged(request: DataRequest) -> bool:
    """Whether a complaint's first letter told of its other clock: owners know of it."""
    if request.kind != DataRequest.Kind.COMPLAINT or request.acknowledged_at is None or request.extended_to:
        return False
    return clock.today(request.acknowledged_at) >= request.received_on + WORRIES_AFTER
