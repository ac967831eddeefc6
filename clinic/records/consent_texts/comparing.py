"""Show word for word what a new version says that the one in use does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clinic.records.consent_texts.content import as_lines
from clinic.records.versions.words import Part, compared


@dataclass(frozen=True, slots=True)
class Changed:
    heading: str
    parts: list[Part]


def changes(old: dict[str, Any] | None, new: dict[str, Any]) -> list[Changed]:
    """What differs, text by text; everything where there is no version before."""
    before = dict(as_lines(old)) if old else {}
    after = dict(as_lines(new))
    both = [(heading, before.get(heading, ""), after.get(heading, "")) for heading in {**after, **before}]
    return [Changed(heading, compared(was, now)) for heading, was, now in both if was != now]
