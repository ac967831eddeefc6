"""How a review of answers reads."""

from __future__ import annotations

from typing import Any

from clinic.records.answering.reviewing.flags import CLEARED
from clinic.records.entries.showing import Line


def lines(body: dict[str, Any]) -> list[Line]:
    """What came of each flag."""
    found = [Line("Reviewed", str(body.get("questionnaire", "the answers")))]
    for flag in body.get("flags", ()):
        came = f"Cleared: {flag['why']}" if flag["came_to"] == CLEARED else "It stands."
        found.append(Line(flag["to_staff"], came))
    return found
