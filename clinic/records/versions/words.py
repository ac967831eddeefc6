"""Compare two texts word for word, for whoever approves the newer one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

WORDS = re.compile(r"\s+|[^\s\w]|\w+")
AROUND = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """Words that stay (`same`), are `new`, or are `gone`; `said` tells so to whoever does not see it."""

    how: str
    words: str

    @property
    def tag(self) -> str:
        """The element that tells so in HTML."""
        return {"new": "ins", "gone": "del"}.get(self.how, "span")

    @property
    def said(self) -> str:
        return "" if self.how == "same" else self.how


def compared(was: str, now: str) -> list[Part]:
    """The words of both, in order. The space around words that came or went belongs to what stays."""
    old, new = WORDS.findall(was), WORDS.findall(now)
    found: list[Part] = []
    for how, start, end, start_new, end_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            found.append(Part("same", "".join(old[start:end])))
        else:
            found += [*_parts("gone", "".join(old[start:end])), *_parts("new", "".join(new[start_new:end_new]))]
    return found


def _parts(how: str, text: str) -> Iterator[Part]:
    around = AROUND.fullmatch(text)
    before, words, after = around.groups() if around else ("", text, "")
    pieces = [Part("same", before), Part(how, words), Part("same", after)] if words else [Part(how, text)]
    yield from (piece for piece in pieces if piece.words)
