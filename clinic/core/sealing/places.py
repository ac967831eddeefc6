"""Where sealed values lie in the database, so that keys can be changed there and none be missing unnoticed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from django.conf import settings


class SealedPlace(Protocol):
    """Somewhere in the database where sealed values lie."""

    name: str  # for people: "second factors"

    def key_names(self) -> set[str | None]:
        """The names of the keys by which values lie there; None for one in the clear."""

    def seal_anew(self) -> int:
        """Seal by the newest key whatever was sealed by another; gives how many rows. Each row in a transaction of its own."""


_PLACES: dict[str, SealedPlace] = {}


def register(place: SealedPlace) -> None:
    """Tell of a place, when its app is ready."""
    _PLACES[place.name] = place


def places() -> Iterable[SealedPlace]:
    return _PLACES.values()


def missing_keys() -> Iterator[str]:
    """The names of keys by which something lies in the database and which the ring lacks."""
    for place in places():
        yield from sorted(name for name in place.key_names() if name is not None and name not in settings.FIELD_KEYS)
