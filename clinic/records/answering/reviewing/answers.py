"""What is reviewed of a visit's answers: flags first, then what changed since the time before, then all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.records.answering.current import current_of
from clinic.records.answering.last_time import last_response
from clinic.records.answering.models import QuestionnaireResponse, ResponseReview
from clinic.records.answering.reviewing.flags import Raised, raised_in
from clinic.records.answering.states import reviews_of
from clinic.records.questions.content.diffing import UNCHANGED, Change, changes
from clinic.records.reading.opening import OpenRecord


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one questionnaire, opened. `review` is today's newest at this visit; `before` says when was last time."""

    response: QuestionnaireResponse
    body: dict[str, Any]
    flags: list[Raised]
    before: datetime | None
    changes: list[Change]
    review: ResponseReview | None

    @property
    def to_decide(self) -> list[Raised]:
        return [one for one in self.flags if one.is_to_decide]

    @property
    def to_know(self) -> list[Raised]:
        return [one for one in self.flags if not one.is_to_decide]

    @property
    def changed(self) -> list[Change]:
        return [one for one in self.changes if one.kind != UNCHANGED] if self.before else []

    @property
    def asked(self) -> list[dict[str, Any]]:
        return [line for line in self.body["answers"] if not line["hidden_by"]]


def answers_of(opened: OpenRecord, visit: Appointment, now: datetime) -> list[Answers]:
    """Each of the questionnaires that were answered for this visit, or before and still count."""
    reviews = reviews_of(visit, clock.today(now))
    return [_answers(opened, visit, one, reviews.get(one.pk)) for one in current_of(visit)]


def _answers(
    opened: OpenRecord, visit: Appointment, response: QuestionnaireResponse, review: ResponseReview | None
) -> Answers:
    body, last = opened.body(response.entry), last_response(opened, response.version.of, before=response)
    old = opened.body(last.entry)["answers"] if last else []
    at = last.entry.recorded_at if last else None
    return Answers(response, body, raised_in(body, visit), at, changes(old, body["answers"]), review)
