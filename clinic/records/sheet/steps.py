"""The steps of a visit: what it still lacks before it starts and before it is completed, and the pages that mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bookings.engine.status_changes import ARRIVED, COMPLETE, START, Step, steps
from bookings.openings.gates import Missing
from bookings.visits.access import Reader, visits_of
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.records.answering.states import NOT_NEEDED, questions_state
from clinic.records.gates.missing import missing_to_complete, missing_to_start
from clinic.records.needs.models import rules_of

DONE_HERE = frozenset({ARRIVED.status, START.status, COMPLETE.status})


@dataclass(frozen=True, slots=True)
class Steps:
    """`before_start` and `before_completion` are empty once everything is there; `answers` once nothing is to be said.

    `things_first` is how many come before the next of the two.
    """

    answers: str
    asks_answers: bool
    before_start: Sequence[Missing]
    before_completion: Sequence[Missing]
    things_first: int


def steps_of(visit: Appointment, now: datetime) -> Steps | None:
    """None where the treatment asks for nothing of the record."""
    if rules_of(visit.treatment) is None:
        return None
    start, completion = missing_to_start(visit, now), missing_to_complete(visit, now)
    coming = completion if visit.status == Status.IN_PROGRESS else start
    state = questions_state(visit, now)
    return Steps(state.sentence, state.code != NOT_NEEDED, start, completion, len(coming))


def next_of(visit: Appointment, reader: Reader, now: datetime) -> list[Step]:
    """What this reader may do with the visit next, on its sheet: the diary has the rest."""
    found = [step for step in steps(visit, now) if step.status in DONE_HERE]
    return found if found and visits_of(reader).filter(pk=visit.pk).exists() else []
