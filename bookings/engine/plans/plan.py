"""A change of the diary, looked at before it is done: whom it hits, and what becomes of each.

Looking is doing it on a copy of the diary (`diary_copy`), so what the plan shows is what happens: the same rules,
constraints and messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from bookings.engine.plans.choices import KEEP, Choice, apply, move_to
from bookings.engine.plans.diary_copy import copy_messages, on_a_copy
from bookings.engine.plans.proposals import AFTER, BEFORE
from bookings.engine.transactions import lock_practitioners
from bookings.messages.planning.reach import told_of_change
from bookings.visits.models import Appointment, ChangedVisit, DiaryChange
from bookings.visits.models.statuses import UPCOMING
from bookings.visits.refusals import Refusal, for_staff
from bookings.visits.slot import Slot
from clinic.core.errors import DomainError

Propose = Callable[[Appointment], list[Slot]]
Choices = Mapping[str, Choice]
Versions = Mapping[str, int]


class PlanOutOfDate(Refusal):
    """Other visits are in the way than the page showed, or they stand differently."""

    code = "plan_out_of_date"


class RowsRefused(Refusal):
    """Some of the choices cannot be had; `rows` says why, by reference. Nothing was done."""

    code = "rows_refused"

    def __init__(self, rows: Mapping[str, str]) -> None:
        super().__init__("Nothing was changed yet: not every visit can go where it was to go.")
        self.rows = dict(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A visit in the way: where it could go, what was chosen (else the first proposal), and what its patient hears."""

    visit: Appointment
    proposals: list[Slot]
    choice: Choice
    refusal: str = ""
    told: str = ""

    @property
    def can_move(self) -> bool:
        return self.visit.status in UPCOMING


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a change would do. `refusal` is a hard rule in its way: it cannot be done as it is.

    `held` counts times in it that someone is just booking online: whoever is quicker has them.
    """

    rows: list[Row] = field(default_factory=list)
    refusal: str = ""
    held: int = 0

    @property
    def hits(self) -> int:
        return len(self.rows)


@contextmanager
def looking(
    starts_at: datetime, ends_at: datetime | None, choices: Choices, visit: Appointment | None = None
) -> Iterator[None]:
    """Try what follows on a copy of all that visits between these moments (None: ever after) may be moved among."""
    chosen = [choice.starts_at for choice in choices.values() if choice.starts_at]
    until = ends_at + AFTER if ends_at else None
    with on_a_copy(starts_at=starts_at - BEFORE, ends_at=until, also=chosen, visit=visit):
        yield


def look_at_rows(visits: Iterable[Appointment], *, propose: Propose, choices: Choices, now: datetime) -> list[Row]:
    """Try each choice in turn, so that the next visit is not offered what the last one took. Call it while `looking`."""
    visits = list(visits)
    copy_messages(visits)
    return [_look_at(visit, propose, choices.get(visit.reference), now) for visit in visits]


def _look_at(visit: Appointment, propose: Propose, chosen: Choice | None, now: datetime) -> Row:
    found = propose(visit) if visit.status in UPCOMING else []
    choice = chosen or (move_to(found[0]) if found else KEEP)
    try:
        with transaction.atomic():
            changed = apply(choice, visit, now=now, version=None)
    except DomainError as refusal:
        return Row(visit=visit, proposals=found, choice=choice, refusal=for_staff(refusal))
    told = "" if choice is KEEP else told_of_change(changed, now)
    return Row(visit=visit, proposals=found, choice=choice, told=told)


def check_the_same(visits: Iterable[Appointment], versions: Versions) -> None:
    """
    Raises:
        PlanOutOfDate: other visits are in the way than those that the page showed.
    """
    if {visit.reference for visit in visits} != set(versions):
        raise PlanOutOfDate("The diary has changed meanwhile. Here is what is in the way now.")


def do_rows(
    visits: Iterable[Appointment], *, choices: Choices, versions: Versions, now: datetime
) -> list[ChangedVisit]:
    """Do every choice; gives what was done, not saved yet.

    Raises:
        RowsRefused: one or more cannot be had.
    """
    done, refused = list[ChangedVisit](), dict[str, str]()
    for visit in visits:
        choice = choices.get(visit.reference, KEEP)
        try:
            changed = apply(choice, visit, now=now, version=versions.get(visit.reference))
        except DomainError as refusal:
            refused[visit.reference] = for_staff(refusal)
            continue
        action = choice.action if changed.version > visit.version else ChangedVisit.Action.KEPT
        done.append(changed_visit(action, visit, visit.version, changed.version))
    if refused:
        raise RowsRefused(refused)
    return done


def changed_visit(action: str, visit: Appointment, before: int, after: int) -> ChangedVisit:
    return ChangedVisit(appointment=visit, action=action, version_before=before, version_after=after)


def record(change: DiaryChange, done: Iterable[ChangedVisit]) -> DiaryChange:
    """Keep what was done, in its order, so that it can be undone."""
    change.save()
    rows = list(done)
    for position, row in enumerate(rows):
        row.change, row.position = change, position
    ChangedVisit.objects.bulk_create(rows)
    return change


def lock_diaries_of(visits: Iterable[Appointment], choices: Choices, also: Iterable[int]) -> None:
    """Lock the diaries that these visits are in and go to, all at once and in order."""
    ids = {visit.practitioner_id for visit in visits} | set(also)
    ids |= {choice.practitioner.pk for choice in choices.values() if choice.practitioner}
    lock_practitioners(ids)
