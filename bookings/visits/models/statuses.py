"""The states of a visit, and the allowed moves between them."""

from __future__ import annotations

from django.db import models


class Status(models.TextChoices):
    HELD = "held", "Held"
    BOOKED = "booked", "Booked"
    CONFIRMED = "confirmed", "Confirmed"
    ARRIVED = "arrived", "Arrived"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"
    NO_SHOW = "no_show", "Missed"
    EXPIRED = "expired", "Expired"


ACTIVE = (
    Status.HELD,
    Status.BOOKED,
    Status.CONFIRMED,
    Status.ARRIVED,
    Status.IN_PROGRESS,
    Status.COMPLETED,
)


UPCOMING = (Status.BOOKED, Status.CONFIRMED)


ALLOWED_MOVES: dict[str, frozenset[str]] = {
    Status.HELD: frozenset({Status.BOOKED, Status.EXPIRED}),
    Status.BOOKED: frozenset({Status.CONFIRMED, Status.ARRIVED, Status.IN_PROGRESS, Status.CANCELLED, Status.NO_SHOW}),
    Status.CONFIRMED: frozenset({Status.BOOKED, Status.ARRIVED, Status.IN_PROGRESS, Status.CANCELLED, Status.NO_SHOW}),
    Status.ARRIVED: frozenset({Status.BOOKED, Status.CONFIRMED, Status.IN_PROGRESS, Status.CANCELLED}),
    Status.IN_PROGRESS: frozenset({Status.BOOKED, Status.CONFIRMED, Status.ARRIVED, Status.COMPLETED}),
    Status.COMPLETED: frozenset({Status.IN_PROGRESS}),
    Status.NO_SHOW: frozenset({Status.BOOKED, Status.CONFIRMED, Status.ARRIVED}),
    Status.CANCELLED: frozenset({Status.BOOKED}),
    Status.EXPIRED: frozenset({Status.BOOKED}),
}
