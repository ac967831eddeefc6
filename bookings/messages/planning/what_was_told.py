"""What the patient of a visit was last told, or is to be told, of its time."""

from __future__ import annotations

from datetime import datetime

from django.db.models.functions import Coalesce

from bookings.messages.models import Message
from bookings.visits.models import Appointment

Kind, State = Message.Kind, Message.State


TELLS_THE_TIME = (Kind.CONFIRMATION, Kind.MOVED)


TOLD = (State.SENT, State.UNKNOWN, State.LEASED)


History = list[tuple[str, str, int]]


def history_of(appointment: Appointment) -> History:
    """Kind, state and version of all that told, or was to tell, when this visit is or that it is off; oldest first."""
    rows = appointment.messages.filter(kind__in=(*TELLS_THE_TIME, Kind.CANCELLED))
    found = rows.order_by("appointment_version", "created_at").values_list("kind", "state", "appointment_version")
    return [(kind, state, version or 0) for kind, state, version in found]


def told(history: History) -> History:
    return [row for row in history if row[1] in TOLD]


def knows_it(appointment: Appointment, history: History) -> bool:
    """Whether staff moved a visit back to the very time, place and person the patient was last told of."""
    if not any(kind in TELLS_THE_TIME and state == State.PLANNED for kind, state, _version in history):
        return False
    if told(history):
        return was_last_told(appointment, history)
    return _is_as_it_was(appointment, min(version for _kind, _state, version in history) - 1)


def was_last_told(appointment: Appointment, history: History) -> bool:
    kind, _state, version = told(history)[-1]
    return kind != Kind.CANCELLED and _is_as_it_was(appointment, version)


def _is_as_it_was(appointment: Appointment, version: int) -> bool:
    events = appointment.events  # type: ignore[attr-defined]  # made by pghistory
    before = events.filter(version=version).order_by("-pgh_id").first()
    return bool(
        before
        and before.during == appointment.during
        and before.practitioner_id == appointment.practitioner_id
        and before.location_id == appointment.location_id
    )


def told_at(appointment: Appointment, version: int) -> datetime | None:
    """When the patient was told, or began to be told, of what the visit became at this version; None if not yet."""
    rows = appointment.messages.filter(
        appointment_version=version, kind__in=(*TELLS_THE_TIME, Kind.CANCELLED), state__in=TOLD
    )
    return rows.order_by("due_at").values_list(Coalesce("sent_at", "due_at"), flat=True).first()
