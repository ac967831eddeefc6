"""What a program above bookings shows of a visit on the day's page: a word and an icon, registered when it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from bookings.visits.models import Appointment


class DayMark(NamedTuple):
    """Plain values, as the card that shows them is (ADR 12). Everyone who sees the patient in the diary reads it."""

    icon: str
    words: str


Marks = Mapping[int, Sequence[DayMark]]  # by the number of the visit
Marker = Callable[[Sequence[Appointment]], Marks]
_MARKERS: list[Marker] = []


def register(marker: Marker) -> None:
    """Make known what marks the visits of a whole day, all of them by one statement."""
    _MARKERS.append(marker)


def marks_of(visits: Iterable[Appointment]) -> dict[int, tuple[DayMark, ...]]:
    """The marks of these visits; asks nothing where there are no visits, or nobody registered."""
    shown = list(visits) if _MARKERS else []
    found: dict[int, tuple[DayMark, ...]] = {}
    for marker in _MARKERS if shown else ():
        for number, marks in marker(shown).items():
            found[number] = (*found.get(number, ()), *marks)
    return found
