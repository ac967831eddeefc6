"""What approving a draft would change, word for word, and what patients would be asked again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from clinic.records.questions.content.shapes import (
    CLEARED_BY,
    EFFECTS,
    FACTS,
    OPERATORS,
    TYPES,
    Condition,
    Content,
    Question,
    Rule,
)
from clinic.records.versions.words import Part, compared


@dataclass(frozen=True, slots=True)
class Compared:
    """One question or rule: new, gone or changed, with its lines as parts of words."""

    title: str
    how: str
    lines: list[list[Part]]


def compare(old: Content | None, new: Content) -> list[Compared]:
    """Everything that differs, in the order of the new version; what is gone comes last."""
    before, after = _described(old) if old else {}, _described(new)
    found = []
    for name, (title, lines) in {**after, **{name: it for name, it in before.items() if name not in after}}.items():
        was, becomes = before.get(name, ("", []))[1], after.get(name, ("", []))[1]
        if was != becomes:
            how = "changed" if was and becomes else ("new" if becomes else "gone")
            found.append(Compared(title, how, _lines_compared(was, becomes) if lines else []))
    if old and _order(old) != _order(new):
        found.append(Compared("Order and pages", "changed", _lines_compared(_order(old), _order(new))))
    return found


def asked_again(old: Content | None, new: Content) -> list[Question]:
    """The questions whose answers of last time will not be offered: blank each time by rule, new, or of another kind."""
    known = {one.key: one for one in old.questions()} if old else {}
    return [
        one
        for one in new.questions()
        if one.is_asked and (one.ask_again or one.key not in known or known[one.key].type != one.type)
    ]


def reworded(old: Content | None, new: Content) -> list[Question]:
    """The questions whose words differ, so that the next review marks them “asked differently”."""
    known = {one.key: one.text for one in old.questions()} if old else {}
    return [one for one in new.questions() if known.get(one.key, one.text) != one.text]


def condition_in_words(condition: Condition, content: Content) -> str:
    names = {one.key: f"“{one.text}”" for one in content.questions()}
    names |= {one.key: f"“{one.text}”" for one in content.scores}
    terms = [
        " ".join(
            part
            for part in (
                FACTS.get(term.about, term.about) if term.is_fact else names.get(term.about, term.about),
                OPERATORS[term.op],
                _value_in_words(content, term.about, term.value),
            )
            if part
        )
        for term in condition.terms
    ]
    return (" and " if condition.needs_all else " or ").join(terms)


def _value_in_words(content: Content, key: str, value: str) -> str:
    question = content.question(key)
    option = question.option(value) if question else None
    return f"“{option.text}”" if option else value


def _described(content: Content) -> dict[str, tuple[str, list[str]]]:
    found = {f"question {one.key}": (one.text, list(_question(one, content))) for one in content.questions()}
    found |= {
        f"score {one.key}": (one.text, [f"Score: {one.text}", f"Sums: {', '.join(one.of)}"]) for one in content.scores
    }
    return found | {f"rule {one.id}": (one.to_staff, list(_rule(one, content))) for one in content.rules}


def _question(question: Question, content: Content) -> Iterator[str]:
    yield question.text
    facts = (
        ("Hint", question.hint),
        ("Type", TYPES[question.type]),
        ("Box under Yes", question.detail),
        ("From", question.minimum),
        ("To", question.maximum),
        ("Unit", question.unit),
        ("Lowest means", question.low),
        ("Highest means", question.high),
    )
    yield from (f"{name}: {value}" for name, value in facts if value)
    yield from (f"Option: {one.text}" for one in question.options)
    if question.required:
        yield "Must be answered"
    if question.ask_again:
        yield "Asked blank each time"
    if question.shown_when:
        yield f"Asked when {condition_in_words(question.shown_when, content)}"


def _rule(rule: Rule, content: Content) -> Iterator[str]:
    yield f"Rule: {rule.to_staff}"
    yield f"When {condition_in_words(rule.when, content)}"
    yield EFFECTS[rule.effect]
    yield f"Cleared by {CLEARED_BY[rule.clear_by]}"
    yield f"For {', '.join(rule.applies_to) or 'every treatment'}"
    if rule.to_patient:
        yield f"To the patient: {rule.to_patient}"


def _order(content: Content) -> list[str]:
    return [f"{page.title}: {', '.join(one.key for one in page.questions)}" for page in content.pages]


def _lines_compared(old: list[str], new: list[str]) -> list[list[Part]]:
    """Lines that stand in for each other are compared by words; the others are whole."""
    found: list[list[Part]] = []
    for what, first, last, begins, ends in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, becomes = old[first:last], new[begins:ends]
        if what == "replace" and len(was) == len(becomes):
            found += [compared(before, after) for before, after in zip(was, becomes, strict=True)]
        elif what == "equal":
            found += [[Part("same", line)] for line in was]
        else:
            found += [*([Part("gone", line)] for line in was), *([Part("new", line)] for line in becomes)]
    return found
