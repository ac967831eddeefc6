"""Which questions are asked, given the answers so far; and whether a condition holds. Total: any answers give an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clinic.records.questions.content import answers as given
from clinic.records.questions.content.answers import Answer, Answers
from clinic.records.questions.content.numbers import as_number
from clinic.records.questions.content.shapes import Condition, Content, Question, Term

Facts = Mapping[str, Any]
NO_FACTS: Facts = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered to the questions that are asked, in their order; and the others, with the keys that hide each."""

    content: Content
    answers: Mapping[str, Answer]
    hidden_by: Mapping[str, tuple[str, ...]]

    def shows(self, question: Question) -> bool:
        return question.key not in self.hidden_by


def outcome(content: Content, answers: Answers) -> Outcome:
    """Go through the questions once: each is shown by what stands before it alone."""
    found: dict[str, Answer] = {}
    hidden: dict[str, tuple[str, ...]] = {}
    result = Outcome(content, found, hidden)
    for question in content.questions():
        if question.shown_when and not holds(question.shown_when, result):
            hidden[question.key] = question.shown_when.keys
        else:
            found[question.key] = given.without_closed_box(given.tidy(question, answers.get(question.key)))
    return result


def holds(condition: Condition, result: Outcome, facts: Facts = NO_FACTS) -> bool:
    joined = all if condition.needs_all else any
    return joined(_term_holds(term, result, facts) for term in condition.terms)


def score(result: Outcome, key: str) -> Decimal | None:
    """The sum of its scales that were answered; None where none was, or there is no such score."""
    found = next((one for one in result.content.scores if one.key == key), None)
    numbers = [given.number(result.answers.get(part, given.NOTHING)) for part in (found.of if found else ())]
    known = [number for number in numbers if number is not None]
    return sum(known, Decimal(0)) if known else None


def _term_holds(term: Term, result: Outcome, facts: Facts) -> bool:
    values, number = _compared(term, result, facts)
    if term.op == "answered":
        return bool(values)
    if term.op in {"at_least", "at_most"}:
        bound = as_number(term.value)
        if number is None or bound is None:
            return False
        return number >= bound if term.op == "at_least" else number <= bound
    is_among = term.value in values or (number is not None and number == as_number(term.value))
    return not is_among if term.op == "is_not" else is_among


def _compared(term: Term, result: Outcome, facts: Facts) -> tuple[tuple[str, ...], Decimal | None]:
    """What the term looks at: as texts, and as a number where it is one. A hidden question has no answer."""
    if term.is_fact:
        value = facts.get(term.about)
        text = "" if value is None else str(value)
        return ((text,) if text else ()), as_number(text)
    question = result.content.question(term.about)
    if question is None:
        total = score(result, term.about)
        return ((str(total),) if total is not None else ()), total
    answer = result.answers.get(term.about, given.NOTHING)
    return given.values(question, answer) or (("date",) if given.is_answered(answer) else ()), given.number(answer)
