"""Where the questions before a visit stand: for the gates, the visit sheet and the marks of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.records.answering.models import FormRequest, ResponseReview
from clinic.records.answering.models.request import OPEN, State
from clinic.records.answering.needed import asked_for, needed_by, unasked_of

MISSING, TO_REVIEW, FLAGGED, READY, NOT_NEEDED = "missing", "to_review", "flagged", "ready", "not_needed"


@dataclass(frozen=True, slots=True)
class QuestionsState:
    """`sentence` says what is missing and why; empty where nothing is."""

    code: str
    sentence: str = ""

    @property
    def is_ready(self) -> bool:
        return self.code in {READY, NOT_NEEDED}


def questions_state(visit: Appointment, now: datetime) -> QuestionsState:
    """Whether all answers that this visit needs are in, reviewed on the day of `now`, with no flag in the way (G3).

    Reads states alone, no answers. A request that a practitioner waived counts as answered and reviewed.
    """
    rows = list(asked_for().filter(visit=visit))
    waiting = [row for row in rows if row.state in OPEN]
    if waiting or unasked_of(visit).exists():
        begun = any(row.state == State.STARTED for row in waiting)
        return QuestionsState(MISSING, f"The health answers are {'begun, but ' if begun else ''}not in yet.")
    if not rows:
        return QuestionsState(READY if needed_by(visit).exists() else NOT_NEEDED)
    to_review = [row for row in rows if row.state in {State.SUBMITTED, State.REVIEWED}]
    reviews = _todays_reviews(to_review, now)
    if any(row.pk not in reviews for row in to_review):
        return QuestionsState(TO_REVIEW, "The health answers have not been reviewed today.")
    if count := sum(reviews[row.pk].open_flags for row in to_review):
        return QuestionsState(FLAGGED, f"{count} flag{'s stand' if count > 1 else ' stands'} in the health answers.")
    return QuestionsState(READY)


def _todays_reviews(rows: list[FormRequest], now: datetime) -> dict[object, ResponseReview]:
    """By request, the newest review of the day."""
    found = ResponseReview.objects.filter(response__request__in=rows, reviewed_on=clock.today(now))
    ordered = found.exclude(entry__corrections__kind="strike").select_related("response")
    return {one.response.request_id: one for one in ordered.order_by("entry__recorded_at")}
