"""What the people of an account wait for. The waiting list, which stands above these pages, says how it is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

WaitingOf = Callable[[Collection[int]], Iterable[Any]]
_READ: list[WaitingOf] = []


def register(waiting_of: WaitingOf) -> None:
    """Take the entries of these records, with treatment and patient, from here on."""
    _READ.append(waiting_of)


def waiting_of(patients: Collection[int]) -> list[Any]:
    """Entries of these records that still wait, the first to be made first."""
    return [entry for read in _READ for entry in read(patients)]
