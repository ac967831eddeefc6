"""What a questionnaire is made of: pages of questions, and rules that raise flags. Plain data, nothing of the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

NONE_OF_THESE = "none"
YES, NO, UNSURE = "yes", "no", "unsure"
TYPES: Mapping[str, str] = {
    "yes_no": "Yes or no",
    "yes_no_unsure": "Yes, no or not sure",
    "choice": "One of a list",
    "multi": "Any of a list, or none of these",
    "text": "One line of text",
    "long_text": "Several lines of text",
    "date": "A date; a month or a year will do",
    "number": "A number",
    "area": "Areas of the face and body",
    "rows": "A list that they write: medicines, allergies",
    "scale": "A scale with words at its ends",
    "info": "Text only, nothing to answer",
}
YES_OR_NO = frozenset({"yes_no", "yes_no_unsure"})
OF_A_LIST = frozenset({"choice", "multi"})
SEVERAL = frozenset({"multi", "area", "rows"})
COUNTED = frozenset({"number", "scale"})
OPERATORS: Mapping[str, str] = {
    "is": "is",
    "is_not": "is not",
    "includes": "includes",
    "at_least": "is at least",
    "at_most": "is at most",
    "answered": "is answered",
}
EFFECTS: Mapping[str, str] = {
    "note": "Note: the practitioner sees it",
    "warn": "Warn: a practitioner clears it",
    "block": "Block: nothing starts while it stands",
}
SEVERITY = ("none", *EFFECTS)
CLEARED_BY: Mapping[str, str] = {
    "practitioner": "a practitioner, with a reason",
    "prescriber": "a prescriber, with a reason",
    "nobody": "nobody: it stands",
}
FACTS: Mapping[str, str] = {
    "age": "Age in years on the day",
    "weeks_since_toxin": "Weeks since the last toxin here",
    "given_before_last_reaction": "The product was given before their last reaction (yes or no)",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison: of the answer to a question, of a score, or of a fact that nobody is asked."""

    about: str
    op: str
    value: str = ""
    is_fact: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """`needs_all`: every term holds; otherwise one is enough."""

    terms: tuple[Term, ...]
    needs_all: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(term.about for term in self.terms if not term.is_fact)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """`key` stays for ever: by it answers are compared. `detail` labels the box that opens under Yes.

    `minimum` and `maximum` are decimal text; `low` and `high` the words at the ends of a scale.
    """

    key: str
    text: str
    type: str
    hint: str = ""
    required: bool = False
    ask_again: bool = False
    options: tuple[Option, ...] = ()
    detail: str = ""
    minimum: str = ""
    maximum: str = ""
    unit: str = ""
    low: str = ""
    high: str = ""
    shown_when: Condition | None = None

    @property
    def is_asked(self) -> bool:
        return self.type != "info"

    def option(self, value: str) -> Option | None:
        return next((one for one in self.options if one.value == value), None)


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """The sum of several scales; one that is hidden or not answered counts for nothing."""

    key: str
    text: str
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Raises a flag `when` its condition holds. `applies_to`: product families or treatments; none = all of them."""

    id: str
    when: Condition
    effect: str
    clear_by: str
    to_staff: str
    to_patient: str = ""
    applies_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    pages: tuple[Page, ...] = ()
    rules: tuple[Rule, ...] = ()
    scores: tuple[Score, ...] = ()

    def questions(self) -> Iterator[Question]:
        return (question for page in self.pages for question in page.questions)

    def question(self, key: str) -> Question | None:
        return next((one for one in self.questions() if one.key == key), None)

    def rule(self, name: str) -> Rule | None:
        return next((one for one in self.rules if one.id == name), None)

    def depends_on(self, key: str) -> list[str]:
        """What asks for the answer to this question, in words."""
        found = [f"“{one.text}”" for one in self.questions() if one.shown_when and key in one.shown_when.keys]
        found += [f"the rule “{rule.to_staff}”" for rule in self.rules if key in rule.when.keys]
        return found + [f"the score “{score.text}”" for score in self.scores if key in score.of]

    def with_pages(self, pages: tuple[Page, ...]) -> Content:
        return replace(self, pages=pages)


def as_json(content: Content) -> dict[str, Any]:
    """As it is kept and exported: what is blank is left out."""
    return _full(
        pages=[
            {"title": page.title, "questions": [_question(one) for one in page.questions]} for page in content.pages
        ],
        rules=[_rule(one) for one in content.rules],
        scores=[{"key": one.key, "text": one.text, "of": list(one.of)} for one in content.scores],
    )


def _question(question: Question) -> dict[str, Any]:
    return _full(
        key=question.key,
        text=question.text,
        type=question.type,
        hint=question.hint,
        required=question.required,
        ask_again=question.ask_again,
        options=[{"value": one.value, "text": one.text} for one in question.options],
        detail=question.detail,
        min=question.minimum,
        max=question.maximum,
        unit=question.unit,
        low=question.low,
        high=question.high,
        shown_when=condition_as_json(question.shown_when) if question.shown_when else None,
    )


def _rule(rule: Rule) -> dict[str, Any]:
    found = _full(
        id=rule.id,
        when=condition_as_json(rule.when),
        effect=rule.effect,
        to_staff=rule.to_staff,
        to_patient=rule.to_patient,
        clear_by=rule.clear_by,
    )
    return found | ({"for": list(rule.applies_to)} if rule.applies_to else {})


def condition_as_json(condition: Condition) -> dict[str, Any]:
    terms = [
        _full(**{"fact" if term.is_fact else "key": term.about}, op=term.op, value=term.value)
        for term in condition.terms
    ]
    return {"all" if condition.needs_all else "any": terms}


def _full(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, False, [])}
