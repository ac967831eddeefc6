"""The index of texts that a clinician approves: each room that has such texts says what stands in its part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from clinic.records.versions.models import State, Version


@dataclass(frozen=True, slots=True)
class Text:
    """One text and its state. `url` is where it is written and approved."""

    title: str
    url: str
    in_use: int | None
    approved_at: datetime | None
    draft: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """`rows` reads the texts; `actions` are names of addresses, each with the words of its link;
    `examples` names one that a button posts to, which makes drafts of our examples.
    """

    title: str
    about: str
    rows: Callable[[], list[Text]]
    actions: tuple[tuple[str, str], ...] = ()
    examples: str = ""


_PARTS: dict[str, Part] = {}


def register(part: Part) -> None:
    _PARTS[part.title] = part


def parts() -> list[Part]:
    return list(_PARTS.values())


def state_of(title: str, url: str, versions: Iterable[Version]) -> Text:
    """A text with its versions, read before."""
    by_state = {State(one.state): one for one in versions}
    used, draft = by_state.get(State.APPROVED), by_state.get(State.DRAFT)
    return Text(
        title=title,
        url=url,
        in_use=used.number if used else None,
        approved_at=used.approved_at if used else None,
        draft=draft.number if draft else None,
    )
