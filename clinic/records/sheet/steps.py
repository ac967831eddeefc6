"""The steps of a visit: what it still lacks before it starts and before it is completed, and the pages that mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bookings.openings.gates import Missing
from bookings.visits.models import Appointment
from clinic.records.answering.states import questions_state
from clinic.records.gates.missing import missing_to_complete, missing_to_start
from clinic.records.needs.models import rules_of


@dataclass(frozen=True, slots=True)
class Steps:
    """`before_start` and `before_completion` are empty once everything is there; `answers` once nothing is to be said."""

    answers: str
    before_start: Iterable[Missing]
    before_completion: Iterable[Missing]


def steps_of(visit: Appointment, now: datetime) -> Steps | None:
    """None where the treatment asks for nothing of the record."""
    if rules_of(visit.treatment) is None:
        return None
    return Steps(questions_state(visit, now).sentence, missing_to_start(visit, now), missing_to_complete(visit, now))
