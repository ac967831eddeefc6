"""A condition as four lines of a form: what it looks at, how it compares, and with what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from clinic.records.questions.content import answers as given
from clinic.records.questions.content.shapes import FACTS, OPERATORS, Condition, Question, Score, Term

LINES = 4
FACT = "fact:"
JOINED = [("all", "All of these hold"), ("any", "At least one of these holds")]


class WithCondition(forms.Form):
    """Mixed into a form that calls `add_condition`; the outcome is `self.condition`."""

    condition: Condition | None = None
    condition_title = ""
    condition_hint = "Leave a line blank if you do not need it."
    asked: Mapping[str, Question]

    def add_condition(
        self,
        questions: Iterable[Question],
        scores: Iterable[Score] = (),
        *,
        known: Condition | None,
        takes_facts: bool = False,
    ) -> None:
        self.asked = {one.key: one for one in questions if one.is_asked}
        subjects = [(one.key, one.text) for one in self.asked.values()] + [(one.key, one.text) for one in scores]
        subjects += [(f"{FACT}{name}", label) for name, label in FACTS.items()] if takes_facts else []
        joined = "any" if known and not known.needs_all else "all"
        self.fields["joined"] = forms.ChoiceField(
            label="When", choices=JOINED, initial=joined, widget=forms.RadioSelect, required=False
        )
        for number in range(1, LINES + 1):
            term = known.terms[number - 1] if known and len(known.terms) >= number else None
            self._add_line(number, subjects, term)

    def _add_line(self, number: int, subjects: list[tuple[str, str]], term: Term | None) -> None:
        about = f"{FACT if term and term.is_fact else ''}{term.about}" if term else ""
        self.fields[f"about_{number}"] = forms.ChoiceField(
            label="The answer to",
            choices=[("", "–"), *subjects],
            initial=about,
            required=False,
            error_messages={"invalid_choice": "Choose a question that comes earlier"},
        )
        self.fields[f"op_{number}"] = forms.ChoiceField(
            label="compared", choices=list(OPERATORS.items()), initial=term.op if term else "is", required=False
        )
        self.fields[f"value_{number}"] = forms.CharField(
            label="with", max_length=100, initial=self._in_words(term) if term else "", required=False
        )

    def _in_words(self, term: Term) -> str:
        question = self.asked.get(term.about)
        return given.offered(question).get(term.value, term.value) if question and not term.is_fact else term.value

    def lines(self) -> list[tuple[BoundField, BoundField, BoundField]]:
        """For the template."""
        return [
            (self[f"about_{number}"], self[f"op_{number}"], self[f"value_{number}"]) for number in range(1, LINES + 1)
        ]

    def read_condition(self, answers: dict[str, Any]) -> None:
        """Fill in `self.condition`; None where no line is filled in."""
        terms = []
        for number in range(1, LINES + 1):
            about, op = answers.get(f"about_{number}", ""), answers.get(f"op_{number}") or "is"
            value = str(answers.get(f"value_{number}", "")).strip()
            if not about:
                continue
            if op != "answered" and not value:
                self.add_error(f"value_{number}", "Enter what to compare it with, such as Yes")
                continue
            terms.append(self._term(about, op, "" if op == "answered" else value))
        self.condition = Condition(tuple(terms), needs_all=answers.get("joined") != "any") if terms else None

    def _term(self, about: str, op: str, value: str) -> Term:
        if about.startswith(FACT):
            return Term(about.removeprefix(FACT), op, value, is_fact=True)
        question = self.asked.get(about)
        offered = given.offered(question) if question else {}
        meant = next((name for name, words in offered.items() if value.casefold() in {name, words.casefold()}), value)
        return Term(about, _fitting(op, question), meant)


def _fitting(op: str, question: Question | None) -> str:
    """Whoever has several answers “includes” one: “is” means the same there."""
    if question and op in {"is", "includes"}:
        return "includes" if question.type in {"multi", "area", "rows"} else "is"
    return op
