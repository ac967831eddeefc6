"""What a signed consultation keeps of each section, under the heading that was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clinic.records.assessing.checking import given_on
from clinic.records.assessing.models import Mode, Outcome
from clinic.records.assessing.outcome_lines import Line
from clinic.records.assessing.sections import LEFT, MODE, NO_TREATMENT, SECTIONS, TEXT, WORDS, Values


def body_of(said: Mapping[str, Values], lines: Sequence[Line], treatments: Mapping[int, str]) -> dict[str, Any]:
    """What is kept: each section under the words it was asked with."""
    return {
        "sections": [
            {"key": section.key, "title": section.title, **_answer(said.get(section.key, {}))} for section in SECTIONS
        ],
        "mode": str(Mode(said["outcome"][MODE]).label),
        "for_patient": said["outcome"].get(WORDS, "").strip(),
        "outcomes": [
            {
                "treatment": treatments[int(line.treatment)],
                "outcome": str(Outcome(line.outcome).label),
                "until": line.day if line.outcome == Outcome.DEFER else None,
                "to": line.to.strip() if line.outcome == Outcome.REFER else "",
            }
            for line in lines
        ],
    }


def _answer(values: Values) -> dict[str, Any]:
    """What one section says; of what was left out only what was typed all the same."""
    found: dict[str, Any] = {"text": values.get(TEXT, "").strip()}
    if values.get(LEFT, "").strip():
        found["not_relevant"] = values[LEFT].strip()
    if values.get(NO_TREATMENT):
        found["no_treatment"] = True
    if given := given_on(values):
        found["information_given"] = given
    return found
