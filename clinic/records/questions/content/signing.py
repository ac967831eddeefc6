"""What of a questionnaire is signed: each answer under the words it was asked with, and nothing that was not asked."""

from __future__ import annotations

from typing import Any

from clinic.records.questions.content import answers as given
from clinic.records.questions.content.answers import Answers
from clinic.records.questions.content.evaluating import outcome
from clinic.records.questions.content.shapes import Content


def to_sign(content: Content, answers: Answers) -> list[dict[str, Any]]:
    """A line a question. One that was hidden names what hid it, and has no answer even if one was typed."""
    result = outcome(content, answers)
    found = []
    for page in content.pages:
        for question in page.questions:
            if not question.is_asked:
                continue
            answer = result.answers.get(question.key, given.NOTHING)
            found.append(
                {
                    "key": question.key,
                    "page": page.title,
                    "text": question.text,
                    "type": question.type,
                    "answer": dict(answer),
                    "words": given.in_words(question, answer),
                    "hidden_by": list(result.hidden_by.get(question.key, ())),
                }
            )
    return found
