"""What a visit still lacks of answers, to be filled in with the patient or not needed for a reason."""

from __future__ import annotations

from typing import NamedTuple

from bookings.visits.models import Appointment
from clinic.records.answering.current import unanswered
from clinic.records.answering.models.request import State
from clinic.records.answering.needed import asked_for, unasked_of
from clinic.records.questions.models import Questionnaire


class Lacking(NamedTuple):
    questionnaire: Questionnaire
    how: str


def missing_of(visit: Appointment) -> list[Lacking]:
    """Each questionnaire once, with where it stands."""
    open_ones = asked_for().open().filter(visit=visit).select_related("questionnaire")
    found = {one.questionnaire: "begun" if one.state == State.STARTED else "not begun" for one in open_ones}
    for struck in unanswered(visit).select_related("questionnaire"):
        found.setdefault(struck.questionnaire, "struck as entered in error")
    for one in unasked_of(visit):
        found.setdefault(one, "not asked yet")
    return [Lacking(questionnaire, how) for questionnaire, how in found.items()]
