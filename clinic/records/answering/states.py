"""Where the questions before a visit stand: for the gates, the visit sheet and the marks of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.records.answering.current import current_of, unanswered
from clinic.records.answering.models import ResponseReview
from clinic.records.answering.models.request import State
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
    waiting = list(asked_for().open().filter(visit=visit))
    if waiting or unasked_of(visit).exists() or unanswered(visit).exists():
        begun = any(row.state == State.STARTED for row in waiting)
        return QuestionsState(MISSING, f"The health answers are {'begun, but ' if begun else ''}not in yet.")
    current = list(current_of(visit))
    if not current:
        return QuestionsState(READY if needed_by(visit).exists() else NOT_NEEDED)
    reviews = reviews_of(visit, clock.today(now))
    if any(one.pk not in reviews for one in current):
        return QuestionsState(TO_REVIEW, "The health answers have not been reviewed today.")
    if count := sum(reviews[one.pk].open_flags for one in current):
        return QuestionsState(FLAGGED, f"{count} flag{'s stand' if count > 1 else ' stands'} in the health answers.")
    return QuestionsState(READY)


def reviews_of(visit: Appointment, day: date) -> dict[object, ResponseReview]:
    """The newest review of each of these answers that was made at this visit on that day, by the answers' number."""
    found = ResponseReview.objects.filter(entry__visit=visit, reviewed_on=day)
    ordered = found.exclude(entry__corrections__kind="strike").select_related("entry__practitioner", "entry__author")
    return {one.response_id: one for one in ordered.order_by("entry__recorded_at", "entry__number")}
