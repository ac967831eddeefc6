"""How answers read: what was raised first, then each question that was asked, in its own words."""

from __future__ import annotations

from typing import Any

from clinic.records.entries.showing import Line


def lines(body: dict[str, Any]) -> list[Line]:
    """For pages, copies and PDFs alike. What was hidden from the patient is left out."""
    found = [Line("To talk over", flag["to_staff"]) for flag in body.get("flags", ())]
    asked = [line for line in body.get("answers", ()) if not line["hidden_by"]]
    found += [Line(line["text"], line["words"] or "Not answered") for line in asked]
    if helper := body.get("helped_by"):
        found.append(Line("Filled in with", helper))
    if interpreter := body.get("interpreter"):
        found.append(Line("Interpreter", interpreter))
    return found
