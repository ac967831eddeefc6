"""Where sealed values lie in the database, so that keys can be changed there and none be missing unnoticed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol

from clinic.core.sealing import keyring


class SealedPlace(Protocol):
    """Somewhere in the database where sealed values of one kind lie."""

    @property
    def name(self) -> str:
        """For people: "second factors"."""

    def samples(self) -> Collection[tuple[str, str]]:
        """One value of each key by which values lie there, and one in the clear if any is; each with what it is."""

    def seal_anew(self) -> int:
        """Seal by the newest key what was sealed by another or not at all; gives how many rows.

        Each row is changed in a transaction of its own.

        Raises:
            Unreadable: a value does not open.
        """


_PLACES: dict[str, SealedPlace] = {}


def register(place: SealedPlace) -> None:
    """Tell of a place, when its app is ready."""
    _PLACES[place.name] = place


def places() -> Iterable[SealedPlace]:
    return _PLACES.values()


def unreadable() -> Iterator[str]:
    """Why values cannot be opened, a sentence for each key and place; a value of each key is tried."""
    for place in places():
        for value, about in place.samples():
            try:
                if keyring.key_of(value):
                    keyring.unseal(value, about=about)
            except keyring.Unreadable as error:
                yield f"{place.name}: {error}"


def not_by_the_newest_key() -> Iterator[str]:
    """The names of places where values lie that an older key sealed, or in the clear."""
    for place in places():
        if any(keyring.key_of(value) != keyring.newest_key() for value, _about in place.samples()):
            yield place.name


def in_the_clear() -> Iterator[str]:
    """The names of places where a value is not sealed, as an older release leaves it that still runs."""
    for place in places():
        if any(keyring.key_of(value) is None for value, _about in place.samples()):
            yield place.name
