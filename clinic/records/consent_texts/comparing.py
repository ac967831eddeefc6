"""Show word for word what a new version says that the one in use does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from clinic.records.consent_texts.content import as_lines

WORDS = re.compile(r"\s+|[^\s\w]|\w+")


@dataclass(frozen=True, slots=True)
class Part:
    """Words that stay, are `new`, or are `gone`."""

    how: str
    words: str

    @property
    def tag(self) -> str:
        """The element that says so in HTML."""
        return {"new": "ins", "gone": "del"}.get(self.how, "span")

    @property
    def said(self) -> str:
        """The same in words, for whoever does not see it."""
        return "" if self.how == "same" else self.how


@dataclass(frozen=True, slots=True)
class Changed:
    heading: str
    parts: list[Part]


def changes(old: dict[str, Any] | None, new: dict[str, Any]) -> list[Changed]:
    """What differs, text by text; everything where there is no version before."""
    before = dict(as_lines(old)) if old else {}
    after = dict(as_lines(new))
    both = [(heading, before.get(heading, ""), after.get(heading, "")) for heading in {**after, **before}]
    return [Changed(heading, parts(was, now)) for heading, was, now in both if was != now]


def parts(was: str, now: str) -> list[Part]:
    old, new = WORDS.findall(was), WORDS.findall(now)
    found: list[Part] = []
    for how, start, end, start_new, end_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            found.append(Part("same", "".join(old[start:end])))
            continue
        found += [Part("gone", "".join(old[start:end]))] if end > start else []
        found += [Part("new", "".join(new[start_new:end_new]))] if end_new > start_new else []
    return found
