"""How each kind of entry reads: a register that the packages fill, so that record, copy and PDF say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from clinic.records.entries.models import Kind


class Line(NamedTuple):
    """One thing that an entry says. Without a label it is the entry's own text."""

    label: str
    text: str


Lines = Callable[[dict[str, Any]], list[Line]]
_LINES: dict[str, Lines] = {}


def register(kind: Kind, lines: Lines) -> None:
    """Tell how the bodies of a kind are read; its package calls this when it is ready."""
    _LINES[kind] = lines


def lines_of(kind: str, body: dict[str, Any]) -> list[Line]:
    """What a body says, in its order. Of a kind that nobody told of, every text that is in it."""
    return _LINES.get(kind, _every_text)(body)


def _every_text(body: dict[str, Any]) -> list[Line]:
    texts = {name: value for name, value in body.items() if isinstance(value, str) and value and name != "salt"}
    return [Line("" if name == "text" else name.replace("_", " ").capitalize(), text) for name, text in texts.items()]
