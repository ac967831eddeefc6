"""What is to become of one visit that is in the way of a change, and the doing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bookings.engine import changes
from bookings.engine.locks import lock_visit
from bookings.visits.models import Appointment, ChangedVisit
from bookings.visits.slot import Slot
from clinic.practitioners.models import Practitioner

Action = ChangedVisit.Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Move the visit to `starts_at` with `practitioner`, cancel it, or leave it where it is."""

    action: Action
    starts_at: datetime | None = None
    practitioner: Practitioner | None = None


KEEP = Choice(action=Action.KEPT)
CANCEL = Choice(action=Action.CANCELLED)


def move_to(slot: Slot) -> Choice:
    return Choice(
        action=Action.MOVED,
        starts_at=slot.starts_at,
        practitioner=Practitioner(pk=slot.practitioner_id, slug=slot.practitioner_slug, name=slot.practitioner_name),
    )


def apply(choice: Choice, visit: Appointment, *, now: datetime, version: int | None) -> Appointment:
    """Do what was chosen, inside a transaction; gives the visit as it is then.

    Raises:
        What `move` and `cancel` raise; Stale: changed meanwhile.
    """
    if choice.action == Action.CANCELLED:
        return changes.cancel(appointment=visit, now=now, by_staff=True, version=version)
    if choice.action == Action.MOVED and choice.starts_at:
        return changes.move(
            appointment=visit,
            starts_at=choice.starts_at,
            practitioner=choice.practitioner,
            now=now,
            by_staff=True,
            version=version,
        )
    return lock_visit(visit, version)
