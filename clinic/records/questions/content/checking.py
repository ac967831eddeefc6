"""What is amiss with answers: a sentence beside the question. It stops sending, never saving."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from clinic.patients.typed_date import as_date
from clinic.records.questions.content import answers as given
from clinic.records.questions.content.answers import Answer, Answers
from clinic.records.questions.content.evaluating import outcome
from clinic.records.questions.content.numbers import as_number
from clinic.records.questions.content.shapes import NONE_OF_THESE, OF_A_LIST, YES_OR_NO, Content, Question

LONGEST = 2000
LONGEST_LINE = 200
MOST_ROWS = 20
EARLIEST, LATEST = 1900, 2100
MISSING = {
    **dict.fromkeys(YES_OR_NO, "Choose an answer"),
    **dict.fromkeys(OF_A_LIST, "Choose an answer"),
    "multi": "Choose what fits, or “None of these”",
    "area": "Choose at least one area",
    "scale": "Choose a number",
    "date": "Enter a date; a month or a year will do",
    "number": "Enter a number",
    "rows": "Enter at least one, or write “none”",
}


def check(content: Content, answers: Answers) -> dict[str, str]:
    """By key, of the questions that are asked; empty where everything may be sent."""
    result = outcome(content, answers)
    found = {}
    for question in content.questions():
        if result.shows(question) and (fault := fault_of(question, result.answers[question.key])):
            found[question.key] = fault
    return found


def fault_of(question: Question, answer: Answer) -> str:
    """The first thing that is amiss with one answer; empty if nothing is."""
    if not given.is_answered(answer):
        return MISSING.get(question.type, "Enter an answer") if question.required and question.is_asked else ""
    fault = _CHECKS.get(question.type, _nothing)(question, answer["value"])
    return fault or _length(answer.get("detail", ""), LONGEST)


def _nothing(question: Question, value: Any) -> str:
    return ""


def _length(text: str, longest: int) -> str:
    return f"{longest:,} characters at most; this has {len(text):,}" if len(text) > longest else ""


def _line(question: Question, value: Any) -> str:
    return _length(value, LONGEST_LINE)


def _lines(question: Question, value: Any) -> str:
    return _length(value, LONGEST)


def _multi(question: Question, value: Any) -> str:
    is_both = NONE_OF_THESE in value and len(value) > 1
    return "Choose either “None of these” or what fits, not both" if is_both else ""


def _rows(question: Question, value: Any) -> str:
    if len(value) > MOST_ROWS:
        return f"{MOST_ROWS} lines at most; these are {len(value)}"
    return next((fault for line in value if (fault := _length(line, LONGEST_LINE))), "")


def _number(question: Question, value: Any) -> str:
    found, unit = given.number_in(value), f" {question.unit}".rstrip()
    if found is None:
        return "Enter a number, for example 1.5"
    lowest, highest = as_number(question.minimum), as_number(question.maximum)
    if lowest is not None and found < lowest:
        return f"Enter {question.minimum}{unit} or more"
    if highest is not None and found > highest:
        return f"Enter {question.maximum}{unit} or less"
    return ""


def _date(question: Question, value: Any) -> str:
    """A whole date, a month with its year, or a year alone."""
    written = [value[part].strip(".,").lower() for part in given.PARTS]
    if not written[2]:
        return "The date must include a year"
    if written[0] and not written[1]:
        return "The date must include a month"
    try:
        day: date = as_date([written[0] or "1", written[1] or "1", written[2]], "The date")
    except ValidationError as error:
        return str(error.messages[0])
    return "" if EARLIEST <= day.year <= LATEST else "Enter a year of our time, for example 2024"


_CHECKS: Mapping[str, Callable[[Question, Any], str]] = {
    "text": _line,
    "long_text": _lines,
    "multi": _multi,
    "rows": _rows,
    "number": _number,
    "date": _date,
}
