"""Type a day in afterwards: what became of each visit, taken from paper, each judged for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from bookings.desk.patients.birthday import note_birthday
from bookings.engine import changes, status_changes
from bookings.engine.eligibility import check_start
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import IllegalMove, Stale
from clinic.core.formats import desk_clock

OUTCOMES = tuple(
    (status, status.label) for status in (Status.ARRIVED, Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED)
)
UNTIL_DONE = (Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED)


class NotBegun(IllegalMove):
    """A visit cannot be over before it has begun."""

    code = "not_begun"


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands on the paper about one visit, and the version of it that the form showed.

    `born` is the date of birth of a patient who was booked without one; `outcome` is empty where nothing else is noted.
    """

    outcome: str
    version: int
    born: date | None = None


def outcomes(visit: Appointment, now: datetime) -> list[tuple[str, str]]:
    """What may be typed about this visit at `now`, with the word for it."""
    possible = {step.status for step in status_changes.steps(visit, now)}
    if possible & set(UNTIL_DONE) and _has_begun(visit, now):
        possible.add(Status.COMPLETED)
    if visit.can_become(Status.CANCELLED):
        possible.add(Status.CANCELLED)
    return [(status.value, label) for status, label in OUTCOMES if status in possible]


def save(visit: Appointment, typed: Typed, now: datetime) -> None:
    """Take the visit there by the steps that a day has, all or none. What is so already stays so.

    Raises:
        DomainError: why it cannot be; nothing has changed but that the date of birth may be kept.
    """
    if typed.born and visit.patient:
        note_birthday(visit=visit, born=typed.born, now=now)
        visit.patient.refresh_from_db(fields=["date_of_birth"])
    if typed.outcome in {"", visit.status}:
        return
    check_start(visit, typed.outcome, now)  # here too, outside the transaction: the log of a refusal stays
    try:
        with transaction.atomic():
            _take(visit, typed, now)
    except Stale:
        visit.refresh_from_db(fields=["status", "version"])
        if visit.status != typed.outcome:  # the same form sent twice has come to the same end
            raise


def _take(visit: Appointment, typed: Typed, now: datetime) -> None:
    is_as_shown = visit.version == typed.version  # or else the engine says that it changed meanwhile
    if is_as_shown and typed.outcome == Status.COMPLETED and not _has_begun(visit, now):
        raise NotBegun(f"This visit begins at {desk_clock(visit.starts_at)}. Type it in once it has begun.")
    if is_as_shown and typed.outcome not in dict(outcomes(visit, now)):
        raise IllegalMove(f"A visit that is “{visit.get_status_display()}” cannot become that now.")
    if typed.outcome == Status.CANCELLED:
        changes.cancel(appointment=visit, now=now, by_staff=True, version=typed.version)
        return
    version = typed.version
    for status in _steps_to(typed.outcome, visit.status):
        visit = status_changes.change_status(appointment=visit, status=status, now=now, version=version)
        version = visit.version


def _has_begun(visit: Appointment, now: datetime) -> bool:
    """By its hour, or because it was started early."""
    return visit.starts_at <= now or visit.status == Status.IN_PROGRESS


def _steps_to(outcome: str, status: str) -> list[str]:
    if outcome != Status.COMPLETED:
        return [outcome]
    done = UNTIL_DONE.index(Status(status)) + 1 if status in UNTIL_DONE else 0
    return list(UNTIL_DONE[done:])
