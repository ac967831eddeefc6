"""What must hold between the parts of a questionnaire, once each part is well formed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from clinic.records.questions.content.numbers import as_number
from clinic.records.questions.content.shapes import (
    COUNTED,
    NO,
    NONE_OF_THESE,
    OF_A_LIST,
    SEVERAL,
    UNSURE,
    YES,
    YES_OR_NO,
    Condition,
    Content,
    Question,
    Score,
    Term,
)
from clinic.records.questions.content.sites import SITES

LONGEST_SCALE = 10
MOST_QUESTIONS = 200
Known = dict[str, Question | Score]


def faults(content: Content) -> list[str]:
    """Each fault as a line; none where the questionnaire is sound."""
    return [*_named_twice(content), *_questions(content), *_scores(content), *_rules(content)]


def _named_twice(content: Content) -> Iterator[str]:
    keys = Counter([*(one.key for one in content.questions()), *(one.key for one in content.scores)])
    yield from (f"The key “{key}” is given {count} times." for key, count in keys.items() if count > 1)
    rules = Counter(rule.id for rule in content.rules)
    yield from (f"The rule “{name}” is there {count} times." for name, count in rules.items() if count > 1)


def _questions(content: Content) -> Iterator[str]:
    """A condition looks at earlier questions alone, so that none can turn in a circle."""
    all_keys = {one.key for one in content.questions()}
    if sum(1 for _ in content.questions()) > MOST_QUESTIONS:
        yield f"{MOST_QUESTIONS} questions at most in all."
    earlier: Known = {}
    for question in content.questions():
        yield from (f"{question.key}: {fault}" for fault in _own_faults(question))
        if question.shown_when:
            yield from _condition(question.shown_when, question.key, earlier, all_keys, takes_facts=False)
        earlier[question.key] = question


def _own_faults(question: Question) -> Iterator[str]:
    if question.type in OF_A_LIST:
        values = [one.value for one in question.options]
        if not values:
            yield "it needs options to choose from."
        if len(set(values)) < len(values):
            yield "two options have the same value."
        if question.type == "multi" and NONE_OF_THESE in values:
            yield "“none” is added by itself, as “None of these”."
    elif question.options:
        yield "only a question with a list has options."
    if question.detail and question.type not in YES_OR_NO:
        yield "only a yes-or-no question has a box for details."
    yield from _bounds(question)


def _bounds(question: Question) -> Iterator[str]:
    lowest, highest = as_number(question.minimum), as_number(question.maximum)
    if question.type not in COUNTED and (question.minimum or question.maximum or question.unit):
        yield "only a number or a scale has bounds and a unit."
    if lowest is not None and highest is not None and lowest > highest:
        yield "its least is more than its most."
    if question.type == "scale":
        if lowest is None or highest is None or lowest % 1 or highest % 1 or highest - lowest > LONGEST_SCALE:
            yield f"a scale goes from one whole number to another, {LONGEST_SCALE} steps at most."
    elif question.low or question.high:
        yield "only a scale has words at its ends."


def _scores(content: Content) -> Iterator[str]:
    for score in content.scores:
        if not score.of:
            yield f"{score.key}: a score sums something."
        for key in score.of:
            question = content.question(key)
            if question is None or question.type != "scale":
                yield f"{score.key}: “{key}” is not a scale of this questionnaire."


def _rules(content: Content) -> Iterator[str]:
    known: Known = {one.key: one for one in content.questions()}
    known |= {one.key: one for one in content.scores}
    for rule in content.rules:
        yield from _condition(rule.when, f"Rule {rule.id}", known, set(known), takes_facts=True)


def _condition(
    condition: Condition, where: str, known: Known, all_keys: set[str], *, takes_facts: bool
) -> Iterator[str]:
    for term in condition.terms:
        if term.is_fact:
            if not takes_facts:
                yield f"{where}: a question is shown by earlier answers, not by facts."
            elif term.op == "includes":
                yield f"{where}: a fact is never a list."
            elif term.op in {"at_least", "at_most"} and as_number(term.value) is None:
                yield f"{where}: “{term.value}” is not a number."
        elif term.about not in known:
            yield f"{where}: “{term.about}” {'comes later' if term.about in all_keys else 'is no question here'}."
        elif fault := _comparison(term, known[term.about]):
            yield f"{where}: {fault}"


def _comparison(term: Term, about: Question | Score) -> str:
    is_number = as_number(term.value) is not None
    if isinstance(about, Score):
        is_sound = term.op == "answered" or (term.op in {"at_least", "at_most"} and is_number)
        return "" if is_sound else f"the score “{about.key}” is at least or at most a number."
    if not about.is_asked:
        return f"“{about.key}” is text only, and has no answer."
    if term.op in {"at_least", "at_most"}:
        is_sound = about.type in COUNTED and is_number
        return "" if is_sound else f"“{about.key}” cannot be compared with the number “{term.value}”."
    return "" if term.op == "answered" else _equality(term, about)


def _equality(term: Term, about: Question) -> str:
    if about.type == "date":
        return f"of the date “{about.key}” only “is answered” can be asked."
    if (term.op == "includes") != (about.type in SEVERAL):
        return f"“{about.key}” {'has several answers: use “includes”' if about.type in SEVERAL else 'has one answer'}."
    return "" if _is_offered(term.value, about) else f"“{term.value}” is no answer to “{about.key}”."


def _is_offered(value: str, question: Question) -> bool:
    offered = {
        "yes_no": {YES, NO},
        "yes_no_unsure": {YES, NO, UNSURE},
        "choice": {one.value for one in question.options},
        "multi": {NONE_OF_THESE, *(one.value for one in question.options)},
        "area": set(SITES),
    }.get(question.type)
    if offered is None:
        return as_number(value) is not None if question.type in COUNTED else bool(value)
    return value in offered
