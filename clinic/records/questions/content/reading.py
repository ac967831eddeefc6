"""Read the content of a questionnaire strictly: either all of it is sound, or every fault is a line and none of it is taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from clinic.records.questions.content import soundness
from clinic.records.questions.content.numbers import as_number
from clinic.records.questions.content.shapes import (
    CLEARED_BY,
    EFFECTS,
    FACTS,
    OPERATORS,
    TYPES,
    Condition,
    Content,
    Option,
    Page,
    Question,
    Rule,
    Score,
    Term,
)
from clinic.records.questions.content.strict_json import NotRead

T = TypeVar("T")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
TAG = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}", re.ASCII)
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}", re.ASCII)
VALUE = re.compile(r"[a-z0-9][a-z0-9_]{0,39}", re.ASCII)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
LINE, PARAGRAPH = 300, 1000
MOST = {"pages": 30, "questions": 60, "options": 40, "rules": 100, "scores": 10, "terms": 10, "for": 40, "of": 40}
MOST_LINES = 50
Parts = Mapping[str, Any]


class Reader:
    """Collects the lines; each method gives something of the right type, whatever it found."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, where: str, what: str) -> None:
        if len(self.lines) < MOST_LINES:
            self.lines.append(f"{where}: {what}")

    def parts(self, data: Any, where: str, known: Iterable[str]) -> Parts:
        """The named parts of one thing, none of them unknown."""
        if not isinstance(data, dict):
            self.say(where, "named parts were expected.")
            return {}
        for name in data.keys() - set(known):
            self.say(where, f"“{str(name)[:40]}” is not known.")
        return data

    def each(self, parts: Parts, name: str, where: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
        found = parts.get(name, [])
        if not isinstance(found, list):
            self.say(where, f"“{name}” is not a list.")
            return ()
        if len(found) > MOST[name]:
            self.say(where, f"{MOST[name]} {name} at most.")
            return ()
        return tuple(read(one, f"{where}, {_one(name)} {number}") for number, one in enumerate(found, start=1))

    def text(self, parts: Parts, name: str, where: str, *, needed: bool = False, longest: int = LINE) -> str:
        found = parts.get(name, "")
        if not isinstance(found, str):
            self.say(where, f"“{name}” is not text.")
            return ""
        if CONTROL.search(found):
            self.say(where, f"“{name}” has a character that cannot be shown.")
        if len(found) > longest:
            self.say(where, f"“{name}” has {len(found):,} characters; {longest:,} at most.")
        if needed and not found.strip():
            self.say(where, f"“{name}” is missing.")
        return found

    def one_of(self, parts: Parts, name: str, where: str, choices: Iterable[str]) -> str:
        found = self.text(parts, name, where, needed=True)
        if found and found not in set(choices):
            self.say(where, f"“{name}” cannot be “{found[:40]}”.")
        return found

    def matching(self, parts: Parts, name: str, where: str, pattern: re.Pattern[str]) -> str:
        found = self.text(parts, name, where, needed=True)
        if found and not pattern.fullmatch(found):
            self.say(where, f"“{name}” takes small letters, figures and _ alone.")
        return found

    def flag(self, parts: Parts, name: str, where: str) -> bool:
        found = parts.get(name, False)
        if not isinstance(found, bool):
            self.say(where, f"“{name}” is true or false.")
        return found is True

    def number(self, parts: Parts, name: str, where: str) -> str:
        found = self.text(parts, name, where, longest=12)
        if found and as_number(found) is None:
            self.say(where, f"“{name}” is not a number written as text.")
        return found

    def words(self, data: Any, where: str, pattern: re.Pattern[str]) -> str:
        if isinstance(data, str) and pattern.fullmatch(data):
            return data
        self.say(where, "takes small letters, figures, - and _ alone.")
        return ""


def content_of(data: Any) -> Content:
    """What the JSON says.

    Raises:
        NotRead: something is wrong with it; `lines` say what.
    """
    reader = Reader()
    found = _content(reader, data)
    lines = reader.lines or soundness.faults(found)
    if lines:
        raise NotRead(list(lines[:MOST_LINES]))
    return found


def _content(reader: Reader, data: Any) -> Content:
    here = "Questionnaire"
    parts = reader.parts(data, here, ("pages", "rules", "scores"))
    return Content(
        pages=reader.each(parts, "pages", here, lambda one, where: _page(reader, one, where)),
        rules=reader.each(parts, "rules", here, lambda one, where: _rule(reader, one, where)),
        scores=reader.each(parts, "scores", here, lambda one, where: _score(reader, one, where)),
    )


def _page(reader: Reader, data: Any, where: str) -> Page:
    parts = reader.parts(data, where, ("title", "questions"))
    title = reader.text(parts, "title", where, needed=True)
    return Page(title, reader.each(parts, "questions", where, lambda one, place: _question(reader, one, place)))


def _question(reader: Reader, data: Any, where: str) -> Question:
    known = (
        "key", "text", "type", "hint", "required", "ask_again", "options", "detail", "min", "max", "unit", "low",
        "high", "shown_when",
    )  # fmt: skip
    parts = reader.parts(data, where, known)
    shown_when = parts.get("shown_when")
    return Question(
        key=reader.matching(parts, "key", where, KEY),
        text=reader.text(parts, "text", where, needed=True, longest=PARAGRAPH),
        type=reader.one_of(parts, "type", where, TYPES),
        hint=reader.text(parts, "hint", where, longest=PARAGRAPH),
        required=reader.flag(parts, "required", where),
        ask_again=reader.flag(parts, "ask_again", where),
        options=reader.each(parts, "options", where, lambda one, place: _option(reader, one, place)),
        detail=reader.text(parts, "detail", where),
        minimum=reader.number(parts, "min", where),
        maximum=reader.number(parts, "max", where),
        unit=reader.text(parts, "unit", where, longest=20),
        low=reader.text(parts, "low", where, longest=60),
        high=reader.text(parts, "high", where, longest=60),
        shown_when=None if shown_when is None else _condition(reader, shown_when, where),
    )


def _option(reader: Reader, data: Any, where: str) -> Option:
    parts = reader.parts(data, where, ("value", "text"))
    return Option(
        reader.matching(parts, "value", where, VALUE), reader.text(parts, "text", where, needed=True, longest=LINE)
    )


def _condition(reader: Reader, data: Any, where: str) -> Condition:
    parts = reader.parts(data, where, ("all", "any"))
    if len(parts) != 1:
        reader.say(where, "a condition has either “all” or “any”.")
        return Condition(())
    (joined,) = parts
    terms = reader.each({"terms": parts[joined]}, "terms", where, lambda one, place: _term(reader, one, place))
    if not terms:
        reader.say(where, "a condition compares something.")
    return Condition(terms, needs_all=joined == "all")


def _term(reader: Reader, data: Any, where: str) -> Term:
    parts = reader.parts(data, where, ("key", "fact", "op", "value"))
    is_fact = "fact" in parts
    if is_fact == ("key" in parts):
        reader.say(where, "it is about either a “key” or a “fact”.")
        return Term("", "answered")
    about = reader.one_of(parts, "fact", where, FACTS) if is_fact else reader.matching(parts, "key", where, KEY)
    op = reader.one_of(parts, "op", where, OPERATORS)
    return Term(about, op, reader.text(parts, "value", where, needed=op != "answered"), is_fact)


def _score(reader: Reader, data: Any, where: str) -> Score:
    parts = reader.parts(data, where, ("key", "text", "of"))
    of = reader.each(parts, "of", where, lambda one, place: reader.words(one, place, KEY))
    return Score(reader.matching(parts, "key", where, KEY), reader.text(parts, "text", where, needed=True), of)


def _rule(reader: Reader, data: Any, where: str) -> Rule:
    parts = reader.parts(data, where, ("id", "when", "effect", "for", "to_patient", "to_staff", "clear_by"))
    return Rule(
        id=reader.matching(parts, "id", where, KEY),
        when=_condition(reader, parts.get("when"), where),
        effect=reader.one_of(parts, "effect", where, EFFECTS),
        clear_by=reader.one_of(parts, "clear_by", where, CLEARED_BY),
        to_staff=reader.text(parts, "to_staff", where, needed=True),
        to_patient=reader.text(parts, "to_patient", where, longest=PARAGRAPH),
        applies_to=reader.each(parts, "for", where, lambda one, place: reader.words(one, place, TAG)),
    )


def _one(name: str) -> str:
    return {"of": "key", "for": "family", "terms": "comparison"}.get(name, name.removesuffix("s"))
