"""Block time: a practitioner, or the whole clinic, takes no visits then, and those that lie there make way."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from bookings.engine.plans.plan import (
    Choices,
    Plan,
    Versions,
    check_the_same,
    do_rows,
    lock_diaries_of,
    look_at_rows,
    looking,
    record,
)
from bookings.engine.plans.proposals import proposals
from bookings.engine.transactions import in_transaction
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, DiaryChange
from bookings.visits.models.statuses import UPCOMING, Status
from bookings.visits.refusals import NotBookable
from bookings.visits.slot import Slot
from clinic.accounts.models import User
from clinic.core import clock
from clinic.practitioners.models import Practitioner

LONGEST = timedelta(days=366)
MOST_VISITS = 200  # to be planned in one go: all diaries wait while it is done, and a form holds two fields of each
STANDS = (*UPCOMING, Status.ARRIVED, Status.IN_PROGRESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What is to be blocked, from `starts_at` to `ends_at`; with no `practitioner` the whole clinic is closed."""

    practitioner: Practitioner | None
    starts_at: datetime
    ends_at: datetime
    reason: str = ""

    def check(self, now: datetime) -> None:
        """
        Raises:
            NotBookable: it ends before it starts, or is past, or is longer than a year.
        """
        if self.ends_at <= self.starts_at:
            raise NotBookable("The end must be after the start.")
        if self.ends_at <= now:
            raise NotBookable("This time has passed.")
        if self.ends_at - self.starts_at > LONGEST:
            raise NotBookable("Block at most a year at once.")

    def check_number(self, visits: list[Appointment]) -> None:
        """
        Raises:
            NotBookable: there are more visits than can be looked at in one go.
        """
        if len(visits) > MOST_VISITS:
            raise NotBookable(
                f"{len(visits)} visits lie in this time, more than the {MOST_VISITS} that can be planned at once. "
                "Block it in shorter parts."
            )

    def in_the_way(self, now: datetime) -> list[Appointment]:
        """Visits that stand then and are not over, by start."""
        found = Appointment.objects.with_details().filter(status__in=STANDS, during__endswith__gt=now)
        if self.practitioner:
            found = found.filter(practitioner=self.practitioner)
        return list(found.in_span(self.starts_at, self.ends_at).order_by("during", "pk"))

    def held(self, now: datetime) -> int:
        """How many times in it visitors hold just now."""
        holds = Appointment.objects.filter(status=Status.HELD, hold_expires_at__gt=now)
        return holds.filter(practitioner__in=self.whose()).in_span(self.starts_at, self.ends_at).count()

    def blocked_already(self) -> list[TimeOff]:
        """Time off that covers some of it, by start: of this practitioner or of the whole clinic."""
        whose = Q(practitioner=None) | Q(practitioner=self.practitioner) if self.practitioner else Q(practitioner=None)
        return list(
            TimeOff.objects.filter(whose, during__overlap=span(self.starts_at, self.ends_at)).order_by("during")
        )

    def whose(self) -> list[int]:
        """The diaries that it is in."""
        if self.practitioner:
            return [self.practitioner.pk]
        return list(Practitioner.objects.values_list("pk", flat=True))


def look(block: Block, *, now: datetime, choices: Choices) -> Plan:
    """What blocking it would do. Nothing is written."""

    def propose(visit: Appointment) -> list[Slot]:
        return proposals(visit, now=now, until=clock.today(block.ends_at))

    try:
        block.check(now)
        block.check_number(block.in_the_way(now))
    except NotBookable as refusal:
        return Plan(refusal=str(refusal))
    with looking(block.starts_at, block.ends_at, choices):
        _time_off(block).save()
        rows = look_at_rows(block.in_the_way(now), propose=propose, choices=choices, now=now)
    return Plan(rows=rows, held=block.held(now))


def do(
    block: Block, *, now: datetime, choices: Choices, versions: Versions, by: User | None, key: uuid.UUID
) -> DiaryChange:
    """Block it, and do to each visit what was chosen, all or nothing. The same `key` again is the same change.

    Args:
        versions: of the visits that the page showed, by reference.

    Raises:
        NotBookable: see `Block.check`, `Block.check_number`. PlanOutOfDate: the page showed other visits. RowsRefused: a choice cannot be had.
    """
    block.check(now)

    def work() -> DiaryChange:
        lock_diaries_of(block.in_the_way(now), choices, block.whose())
        if made := DiaryChange.objects.filter(key=key).first():
            return made
        visits = block.in_the_way(now)
        block.check_number(visits)
        check_the_same(visits, versions)
        time_off = _time_off(block)
        time_off.save()
        done = do_rows(visits, choices=choices, versions=versions, now=now)
        return record(
            DiaryChange(
                key=key,
                kind=DiaryChange.Kind.BLOCK,
                made_at=now,
                made_by=by,
                practitioner=block.practitioner,
                starts_at=block.starts_at,
                ends_at=block.ends_at,
                reason=block.reason,
                time_off=time_off,
            ),
            done,
        )

    return in_transaction(work, alternatives=list)


def _time_off(block: Block) -> TimeOff:
    return TimeOff(practitioner=block.practitioner, during=span(block.starts_at, block.ends_at), reason=block.reason)
