"""How a signed consultation reads: a label and a text for each thing that it says, in its order."""

from __future__ import annotations

from datetime import date
from typing import Any

from clinic.core.formats import long_date
from clinic.records.entries.showing import Line


def lines(body: dict[str, Any]) -> list[Line]:
    """For pages, copies and PDFs alike."""
    found = [("Seen", str(body.get("mode", "")))]
    found += [(section["title"], _said(section)) for section in body.get("sections", ())]
    found += [(outcome["treatment"], _came_to(outcome)) for outcome in body.get("outcomes", ())]
    found.append(("For the patient", str(body.get("for_patient", ""))))
    return [Line(label, text) for label, text in found if text]


def _said(section: dict[str, Any]) -> str:
    left, given = section.get("not_relevant"), section.get("information_given")
    parts = [
        section.get("text", ""),
        f"Not relevant, because: {left}" if left else "",
        "Having no treatment was discussed." if section.get("no_treatment") else "",
        f"Information given on {long_date(date.fromisoformat(given))}." if given else "",
    ]
    return "\n".join(filter(None, parts))


def _came_to(outcome: dict[str, Any]) -> str:
    until, to = outcome.get("until"), outcome.get("to")
    more = f", until {long_date(date.fromisoformat(until))}" if until else f", to {to}" if to else ""
    return f"{outcome['outcome']}{more}"
