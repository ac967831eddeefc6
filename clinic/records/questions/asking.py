"""One question as a page shows it: its control, with what was answered and what is amiss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clinic.records.questions.content import answers as given
from clinic.records.questions.content.answers import Answer, Answers
from clinic.records.questions.content.checking import MOST_ROWS
from clinic.records.questions.content.evaluating import Outcome
from clinic.records.questions.content.shapes import SEVERAL, YES_OR_NO, Page, Question
from clinic.records.questions.content.sites import GROUPS

PARTS = (("day", "Day", "w-2"), ("month", "Month", "w-2"), ("year", "Year", "w-4"))
BLANK_ROWS = 3
CONTROLS = {
    **dict.fromkeys(("yes_no", "yes_no_unsure", "choice", "scale"), "radios"),
    "multi": "checkboxes",
    "long_text": "textarea",
    "number": "text",
}


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Box:
    question: Question
    answer: Answer
    fault: str = ""
    more_rows: bool = False
    before: str = ""  # what was answered last time, in words

    @property
    def id(self) -> str:
        return f"q-{self.question.key}"

    @property
    def first_id(self) -> str:
        """Where the link of an error lands."""
        if self.control in {"radios", "checkboxes"}:
            return self.choices[0].id
        return {"date": f"{self.id}-day", "rows": f"{self.id}-1", "area": self.groups[0][1][0].id}.get(
            self.control, self.id
        )

    @property
    def control(self) -> str:
        return CONTROLS.get(self.question.type, self.question.type)

    @property
    def is_group(self) -> bool:
        """Whether several controls answer it, under one legend."""
        return self.control in {"radios", "checkboxes", "date", "rows", "area"}

    @property
    def has_detail(self) -> bool:
        return self.question.type in YES_OR_NO and bool(self.question.detail)

    @property
    def detail(self) -> str:
        return str(self.answer.get("detail", ""))

    @property
    def typed(self) -> str:
        value = self.answer.get("value", "")
        return value if isinstance(value, str) else ""

    @property
    def choices(self) -> list[Choice]:
        return [self._choice(value, text) for value, text in given.offered(self.question).items()]

    @property
    def groups(self) -> list[tuple[str, list[Choice]]]:
        return [(name, [self._choice(key, text) for key, text in sites.items()]) for name, sites in GROUPS.items()]

    @property
    def parts(self) -> list[dict[str, str]]:
        value = self.answer.get("value", {})
        return [
            {"name": name, "label": label, "width": width, "value": value.get(name, "")} for name, label, width in PARTS
        ]

    @property
    def lines(self) -> list[str]:
        rows = list(self.answer.get("value", ()))
        blank = BLANK_ROWS if self.more_rows or not rows else 1
        return [*rows, *[""] * max(0, min(blank, MOST_ROWS - len(rows)))]

    @property
    def takes_more(self) -> bool:
        return len(self.lines) < MOST_ROWS

    @property
    def words(self) -> str:
        return given.in_words(self.question, self.answer)

    def _choice(self, value: str, text: str) -> Choice:
        known: Any = self.answer.get("value", "")
        is_chosen = value in known if self.question.type in SEVERAL else value == known
        return Choice(f"{self.id}-{value}", value, text, is_chosen)


def boxes(
    page: Page,
    answers: Answers,
    *,
    faults: Mapping[str, str] | None = None,
    result: Outcome | None = None,
    more_rows: str = "",
) -> list[Box]:
    """The questions of a page, without those that `result` hides."""
    return [
        Box(one, given.tidy(one, answers.get(one.key)), (faults or {}).get(one.key, ""), more_rows == one.key)
        for one in page.questions
        if result is None or result.shows(one)
    ]
