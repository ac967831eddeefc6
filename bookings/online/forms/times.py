"""The time that a button sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class ChosenTime:
    """`starts_at` is aware; `practitioner` is a slug, or empty for whoever is free."""

    starts_at: datetime
    practitioner: str


def read_time(value: str) -> ChosenTime | None:
    """A time as its button carries it, "2026-11-24T10:15:00+00:00|slug"; None for anything else.

    The offset keeps the two half past ones of the night the clocks go back apart.
    """
    written, _, slug = value.partition("|")
    try:
        starts_at = datetime.fromisoformat(written)
    except ValueError:
        return None
    if starts_at.tzinfo is None or starts_at.year not in YEARS:
        return None
    return ChosenTime(starts_at.astimezone(UTC), slug if slug.replace("-", "").replace("_", "").isalnum() else "")
