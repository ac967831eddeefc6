"""What keeps a consultation from being signed: a pure look at what was typed. Nothing of this stops it from being saved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError

from clinic.core.date_fields import DayField
from clinic.core.errors import DomainError
from clinic.records.assessing.models import Mode, Outcome
from clinic.records.assessing.outcome_lines import lines_of, problems_of_lines
from clinic.records.assessing.sections import (
    BY_KEY,
    GIVEN,
    LEFT,
    LONGEST,
    MODE,
    NO_TREATMENT,
    SECTIONS,
    TEXT,
    WORDS,
    Section,
    Values,
)

GAP = re.compile(r"\[\s*(?:…|\.\.\.)\s*\]|\[[^\[\]\n]*…[^\[\]\n]*\]")  # what a template leaves to be filled in


class Problem(NamedTuple):
    section: Section
    sentence: str


class NotComplete(DomainError):
    """Something is still to be answered; `problems` say what, and where."""

    code = "not_complete"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(" ".join(f"{one.section.title}: {one.sentence}" for one in problems))


def problems(said: Mapping[str, Values], treatments: Mapping[int, str], today: date) -> list[Problem]:
    """Everything, section by section. `treatments` are those that can be chosen, by number."""
    return [
        Problem(section, sentence)
        for section in SECTIONS
        for sentence in problems_of(section, said.get(section.key, {}), treatments, today)
    ]


def problems_of(section: Section, values: Values, treatments: Mapping[int, str], today: date) -> list[str]:
    """What is wrong with one section, a sentence each."""
    found = _of_texts(section, values)
    if section is BY_KEY["options"] and not values.get(NO_TREATMENT):
        found.append("Talk about having no treatment, and tick that you did.")
    if section is BY_KEY["risks"] and given_on(values) is None and values.get(GIVEN):
        found.append("Enter the day on which the information was given, for example 24/11/2026.")
    if (given := given_on(values)) and given > today:
        found.append("The information was given today or before.")
    return found + (_of_outcome(values, treatments, today) if section is BY_KEY["outcome"] else [])


def given_on(values: Values) -> date | None:
    """The day on which the written information was given; None where none is named, or it is no day."""
    try:
        found: date | None = DayField(required=False).clean(values.get(GIVEN, ""))
    except ValidationError:
        return None
    return found


def _of_texts(section: Section, values: Values) -> list[str]:
    text, left = values.get(TEXT, "").strip(), values.get(LEFT, "").strip()
    found = [
        f"{LONGEST:,} characters at most; this has {len(typed):,}."
        for typed in (text, left, values.get(WORDS, "").strip())
        if len(typed) > LONGEST
    ]
    if section is not BY_KEY["outcome"] and not (text or left):
        found.append("Answer this, or say why it is not relevant." if section.may_be_left else "Answer this.")
    if any(GAP.search(typed) for typed in (text, left, values.get(WORDS, ""))):
        found.append("Fill in or take out what the template left open: […].")
    return found


def _of_outcome(values: Values, treatments: Mapping[int, str], today: date) -> list[str]:
    lines = lines_of(values)
    found = [] if values.get(MODE) in Mode.values else ["Say whether you saw them in person."]
    found += problems_of_lines(lines, treatments, today)
    if any(line.outcome != Outcome.SUITABLE for line in lines) and not values.get(WORDS, "").strip():
        found.append("Add a sentence for the patient, since something is not, or not yet, right for them.")
    return found
