from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked; `starts_at` and `ends_at` are aware."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: int
    practitioner_slug: str
    practitioner_name: str
    location_id: int
