"""An answer as JSON, `{"value": …, "detail": …}`: read from a form, brought into order, and said in words.

Nothing here raises: what was never offered is left out, and what was typed stays as it was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from clinic.records.questions.content.numbers import as_number
from clinic.records.questions.content.shapes import (
    NO,
    NONE_OF_THESE,
    SEVERAL,
    UNSURE,
    YES,
    YES_OR_NO,
    Question,
)
from clinic.records.questions.content.sites import SITES

Answer = Mapping[str, Any]
Answers = Mapping[str, Any]  # by key; what is no answer counts as none
NOTHING: Answer = {}
PARTS = ("day", "month", "year")
SAID = {YES: "Yes", NO: "No", UNSURE: "Not sure", NONE_OF_THESE: "None of these"}
MOST_ROWS_KEPT = 50


class Posted(Protocol):
    """The fields of a form that was sent."""

    def get(self, key: str, default: str, /) -> Any: ...
    def getlist(self, key: str, /) -> Any: ...


def posted(question: Question, form: Posted) -> Answer:
    """The answer to one question of a form; its fields are named after the question's key."""
    key = question.key
    if question.type == "date":
        value: Any = {part: form.get(f"{key}.{part}", "") for part in PARTS}
    elif question.type in SEVERAL:
        value = form.getlist(key)
    else:
        value = form.get(key, "")
    return tidy(question, {"value": value, "detail": form.get(f"{key}.detail", "")})


def tidy(question: Question, raw: Any) -> Answer:
    """What of it is an answer to this question; `{}` if nothing is."""
    if not isinstance(raw, Mapping) or not question.is_asked:
        return NOTHING
    value = _tidy_value(question, raw.get("value"))
    detail = _text(raw.get("detail")) if question.detail else ""
    found: dict[str, Any] = {}
    if value:
        found["value"] = value
    if detail.strip():
        found["detail"] = detail
    return found


def without_closed_box(answer: Answer) -> Answer:
    """The answer without details that were typed before they said No: the box is closed then."""
    if answer.get("value") in (YES, UNSURE):
        return answer
    return {name: value for name, value in answer.items() if name != "detail"}


def values(question: Question, answer: Answer) -> tuple[str, ...]:
    """What a condition may compare."""
    value = answer.get("value")
    if isinstance(value, str):
        number = number_in(value) if question.type == "number" else None
        return (value.strip() if number is None else str(number),)
    return tuple(value) if isinstance(value, Sequence) else ()


def is_answered(answer: Answer) -> bool:
    return bool(answer.get("value"))


def number(answer: Answer) -> Decimal | None:
    """The number that was typed; None where it is none."""
    value = answer.get("value")
    return number_in(value) if isinstance(value, str) else None


def number_in(typed: str) -> Decimal | None:
    """Takes "1,5" as well as "1.5"."""
    return as_number(typed.strip().replace(",", "."))


def offered(question: Question) -> Mapping[str, str]:
    """The values to choose from, each with its words."""
    if question.type in YES_OR_NO:
        return {value: SAID[value] for value in (YES, NO, *([UNSURE] if question.type == "yes_no_unsure" else []))}
    if question.type == "area":
        return SITES
    if question.type == "scale":
        lowest, highest = as_number(question.minimum), as_number(question.maximum)
        ends = (int(lowest), int(highest)) if lowest is not None and highest is not None else (0, 0)
        return {str(step): str(step) for step in range(ends[0], ends[1] + 1)}
    found = {one.value: one.text for one in question.options}
    return found | ({NONE_OF_THESE: SAID[NONE_OF_THESE]} if question.type == "multi" else {})


def in_words(question: Question, answer: Answer) -> str:
    """As it stands on a page or a print, a line each where there are several."""
    value, detail = answer.get("value"), answer.get("detail", "")
    words = _SAYING.get(question.type, _say_typed)(question, value) if value else ""
    return "\n".join(part for part in (words, detail) if part)


def _tidy_value(question: Question, value: Any) -> Any:
    if question.type == "date":
        parts = value if isinstance(value, Mapping) else {}
        found = {part: _text(parts.get(part)).strip() for part in PARTS}
        return found if any(found.values()) else None
    if question.type == "rows":
        return [line for line in _texts(value) if line.strip()][:MOST_ROWS_KEPT]
    if question.type in SEVERAL:
        ticked = set(_texts(value))
        return [one for one in offered(question) if one in ticked]
    typed = _text(value)
    if question.type in {"text", "long_text", "number"}:
        return typed if typed.strip() else None
    return typed if typed in offered(question) else None


def _text(value: Any) -> str:
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [_text(one) for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _say_typed(question: Question, value: Any) -> str:
    return str(value)


def _say_chosen(question: Question, value: Any) -> str:
    return offered(question).get(value, "")


def _say_several(question: Question, value: Any) -> str:
    words = offered(question)
    return "\n".join(words[one] for one in value if one in words)


def _say_date(question: Question, value: Any) -> str:
    return " ".join(value[part] for part in PARTS if value[part])


def _say_number(question: Question, value: Any) -> str:
    return f"{value.strip()} {question.unit}".strip()


_SAYING: Mapping[str, Callable[[Question, Any], str]] = {
    **dict.fromkeys(("yes_no", "yes_no_unsure", "choice"), _say_chosen),
    **dict.fromkeys(("multi", "area"), _say_several),
    "rows": lambda _, value: "\n".join(value),
    "date": _say_date,
    "number": _say_number,
    "scale": _say_number,
}
