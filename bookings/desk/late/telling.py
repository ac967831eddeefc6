"""Tell patients about when their visit starts, and take it back before it has gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bookings.desk.late.delays import Late, Tell, late_visits
from bookings.engine.transactions import lock_practitioners
from bookings.messages.models import Message
from bookings.messages.planning.lateness import SAME, late_row
from bookings.messages.planning.rows import write
from bookings.visits.refusals import IllegalMove

CHANGED = "The delay has changed meanwhile. Please look again at what would be said."


def tell(*, practitioner: int, wanted: Mapping[str, datetime], now: datetime) -> list[Message]:
    """Plan what was shown: for each visit of `wanted`, by reference, about when it starts. Twice is the same messages.

    Raises:
        IllegalMove: a visit starts at another time by now, or is late no more. Nothing is planned then.
    """
    with transaction.atomic():
        lock_practitioners([practitioner])
        late = {one.visit.reference: one for one in late_visits(practitioner, now)}
        rows = [_row(late.get(reference), about, now) for reference, about in wanted.items()]
        new = [row for row in rows if row._state.adding]  # noqa: SLF001 -- Django's own way to say so
        write(new)
    return rows


def _row(late: Late | None, about: datetime, now: datetime) -> Message:
    if late is None or abs(late.about - about) >= SAME:
        raise IllegalMove(CHANGED)
    row = _standing(late) if late.tell == Tell.TOLD else late_row(late.visit, about, now)
    if row is None or late.tell in {Tell.HERE, Tell.RING}:
        raise IllegalMove(CHANGED)
    return row


def _standing(late: Late) -> Message | None:
    told = late.visit.messages.filter(kind=Message.Kind.LATE).exclude(state=Message.State.WITHDRAWN)
    return told.order_by("-created_at").first()


def take_back(messages: Iterable[UUID]) -> list[Message]:
    """Withdraw what has not gone yet; gives the messages that have gone, and stay, in the order of their visits."""
    ours = Message.objects.filter(pk__in=messages, kind=Message.Kind.LATE)
    ours.unsent().update(state=Message.State.WITHDRAWN, lease_until=None)
    gone = ours.exclude(state=Message.State.WITHDRAWN)
    return list(gone.select_related("patient").order_by("appointment__during", "pk"))
