"""What happened to a visit, read from the audit trail that the database's triggers write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.accounts.audit import names_of, user_id_of, who_did
from clinic.core.formats import desk_clock, short_desk_time

SOURCES = {"online": "online", "api": "through the interface", "desk": "at the desk", "import": "by import"}


@dataclass(frozen=True, slots=True)
class Happening:
    """`at` is aware; `who` is a member of staff's name, or what acted instead."""

    at: datetime
    who: str
    what: str


def last_changed_by(appointment: Appointment) -> int | None:
    """The user behind the visit's newest event; None where nobody was signed in."""
    trail = Appointment.pgh_event_model.objects.filter(pgh_obj=appointment)  # type: ignore[attr-defined]
    last = trail.select_related("pgh_context").order_by("-pgh_id").first()
    return user_id_of(last) if last else None


def was_of(appointment: Appointment, user: int | None) -> bool:
    """Whether the visit ever was with this user as its practitioner."""
    trail = Appointment.pgh_event_model.objects.filter(pgh_obj=appointment)  # type: ignore[attr-defined]
    return bool(trail.filter(practitioner__user=user).exists())


def history(appointment: Appointment, *, after: int = 0) -> list[Happening]:
    """Everything that staff would call a change, oldest first; only what came after version `after`. Two statements."""
    events = list(appointment.events.select_related("pgh_context").order_by("pgh_id"))  # type: ignore[attr-defined]
    names = names_of(events)
    found = []
    before = None
    for event in events:
        changes = changes_between(before, event) if event.version > after else ()
        found += [Happening(event.pgh_created_at, who_did(event, names), what) for what in changes]
        before = event
    return found


def changes_between(before: Any, after: Any) -> Iterator[str]:
    """What staff would call the changes from one row of the trail to the next; `before` is None of the first."""
    if before is None:
        how = SOURCES[after.source]
        yield f"{'Time held' if after.status == Status.HELD else 'Booked'} {how}"
        return
    if before.during.lower == after.during.lower and before.during != after.during:
        is_longer = after.during.upper > before.during.upper
        yield f"Made {'longer' if is_longer else 'shorter'}, to {desk_clock(after.during.upper)}"
    elif before.during != after.during:
        yield f"Moved from {short_desk_time(before.during.lower)} to {short_desk_time(after.during.lower)}"
    if before.patient_id and before.patient_id != after.patient_id:
        yield "Moved to another record of the patient"
    if before.practitioner_id != after.practitioner_id:
        yield "Given to another practitioner"
    if before.status == Status.CANCELLED and after.status == Status.BOOKED:
        yield "Not cancelled after all"
    elif before.status != after.status:
        is_late = after.status == Status.CANCELLED and after.was_cancelled_late
        yield "Cancelled late" if is_late else Status(after.status).label


def as_of(appointment: Appointment, version: int) -> Any:
    """The visit as its trail has it at this version: `status`, `during`, `practitioner_id`. The visit itself if it has none."""
    events = appointment.events.filter(version=version)  # type: ignore[attr-defined]
    return events.order_by("-pgh_id").first() or appointment
