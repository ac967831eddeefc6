"""What a patient answered before, for as long as it holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clinic.core import clock
from clinic.records.answering.models import QuestionnaireResponse
from clinic.records.answering.needed import standing
from clinic.records.questions.content import answers as given
from clinic.records.questions.content.answers import Answer
from clinic.records.questions.content.shapes import Content
from clinic.records.questions.models import Questionnaire
from clinic.records.reading.opening import OpenRecord
from clinic.records.reading.whose import records_of


def last_response(
    opened: OpenRecord, questionnaire: Questionnaire, *, before: QuestionnaireResponse | None = None
) -> QuestionnaireResponse | None:
    """The newest answers to these questions that nobody struck; of those before another, if it is given."""
    rows = standing().filter(patient__in=records_of(opened.patient).values("pk"), version__of=questionnaire)
    if before is not None:
        rows = rows.filter(entry__recorded_at__lt=before.entry.recorded_at)
    return rows.select_related("entry", "version").order_by("-entry__recorded_at").first()


def lines_of(opened: OpenRecord, response: QuestionnaireResponse) -> list[dict[str, Any]]:
    """The answers as they were signed."""
    found: list[dict[str, Any]] = opened.body(response.entry)["answers"]
    return found


def offered_again(
    opened: OpenRecord, questionnaire: Questionnaire, content: Content, now: datetime
) -> dict[str, Answer]:
    """Last time's answers that still hold, for the questions that are asked in the same way and not blank each time."""
    last = last_response(opened, questionnaire)
    if last is None or last.valid_until < clock.today(now):
        return {}
    before = {line["key"]: line for line in lines_of(opened, last)}
    found = {}
    for question in content.questions():
        line = before.get(question.key)
        if line and not question.ask_again and line["type"] == question.type and line["answer"]:
            found[question.key] = given.tidy(question, line["answer"])
    return found
