"""What changed between the answers of last time and of this time, by the key of each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Line = Mapping[str, Any]  # of `signing.to_sign`
NEW, CHANGED, GONE, ASKED_DIFFERENTLY, UNCHANGED = "new", "changed", "gone", "asked differently", "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """`before` and `after` are lines as they were signed; one of them is missing where there was no answer."""

    key: str
    kind: str
    before: Line | None
    after: Line | None

    @property
    def text(self) -> str:
        return str((self.after or self.before or {}).get("text", ""))

    @property
    def is_reworded(self) -> bool:
        """Whether the question had other words, whatever became of the answer."""
        return bool(self.before and self.after and self.before.get("text") != self.after.get("text"))


def changes(old: Sequence[Line], new: Sequence[Line]) -> list[Change]:
    """Every answer of either time, once: those of this time in their order, then what is gone."""
    before, after = _answered(old), _answered(new)
    found = [Change(key, _kind(before.get(key), line), before.get(key), line) for key, line in after.items()]
    return found + [Change(key, GONE, line, None) for key, line in before.items() if key not in after]


def _answered(lines: Sequence[Line]) -> dict[str, Line]:
    return {str(line["key"]): line for line in lines if line.get("answer")}


def _kind(before: Line | None, after: Line) -> str:
    if before is None:
        return NEW
    if before["answer"] != after["answer"]:
        return CHANGED
    return ASKED_DIFFERENTLY if before.get("text") != after.get("text") else UNCHANGED
