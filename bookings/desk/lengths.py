"""The lengths that a visit can be given with one tap."""

from __future__ import annotations

from dataclasses import dataclass

from bookings.engine.resize import LONGEST, SHORTEST, can_be_resized
from bookings.visits.models import Appointment

STEPS = (-15, 15, 30)  # minutes


@dataclass(frozen=True, slots=True)
class Length:
    minutes: int
    label: str


def lengths(visit: Appointment) -> list[Length]:
    """None for a visit that is over, missed or cancelled."""
    if not can_be_resized(visit):
        return []
    return [
        Length(visit.minutes + step, f"{step:+} min".replace("-", "\N{MINUS SIGN}"))
        for step in STEPS
        if SHORTEST <= visit.minutes + step <= LONGEST
    ]
