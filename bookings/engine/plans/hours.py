"""Change the hours of a practitioner, or the breaks of the whole clinic, and settle the visits that then lie outside."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from bookings.engine.plans import rota_rows
from bookings.engine.plans.block import MOST_VISITS, STANDS
from bookings.engine.plans.choices import Action
from bookings.engine.plans.plan import (
    Choices,
    Plan,
    PlanOutOfDate,
    Versions,
    changed_visit,
    check_the_same,
    do_rows,
    lock_diaries_of,
    look_at_rows,
    looking,
    record,
)
from bookings.engine.plans.proposals import proposals
from bookings.engine.transactions import in_transaction
from bookings.timetable.edits import Edit, RowIsGone, SetWeek
from bookings.timetable.weeks import TooManyWeeks
from bookings.visits.models import Appointment, DiaryChange
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import NotBookable
from bookings.visits.slot import Slot
from clinic.accounts.models import User
from clinic.core import clock
from clinic.practitioners.models import Practitioner

CHANGED = "The hours were changed meanwhile, perhaps in another window. Look at them before you change them again."


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursChange:
    """What is to become of the rota, from `starts_at` to `ends_at` (None: from then on).

    `mark` is of the hours that the page showed (`rota_rows.week_mark`), where it showed any. With no `practitioner` it
    is the whole clinic's. `reason` says what it is, in a few words for staff.
    """

    practitioner: Practitioner | None
    edit: Edit
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    mark: str = ""

    def check(self, now: datetime) -> None:
        """
        Raises:
            NotBookable: it would change a day that has passed. PlanOutOfDate: the page showed other hours.
        """
        if clock.today(self.starts_at) < clock.today(now):
            raise NotBookable("That day has passed. Hours can be changed from today on.")
        if isinstance(self.edit, SetWeek) and self.mark != rota_rows.week_mark(self.edit.practitioner_id):
            raise PlanOutOfDate(CHANGED)

    def write(self) -> rota_rows.Written:
        """Change the rota, inside a transaction.

        Raises:
            NotBookable: the rota cannot say that. PlanOutOfDate: what it was to change is no longer there.
        """
        try:
            return rota_rows.write(self.edit.rewritten())
        except TooManyWeeks as error:
            raise NotBookable(
                "These weeks do not fit with the others: together they would come again after more than eight weeks. "
                "Set a week for every week first."
            ) from error
        except RowIsGone as error:
            raise PlanOutOfDate(CHANGED) from error

    def concerned(self, now: datetime) -> QuerySet[Appointment]:
        """Visits that stand in that time and are not over, and times that visitors hold just now."""
        found = Appointment.objects.filter(status__in=(*STANDS, Status.HELD), during__endswith__gt=now)
        found = found.filter(during__endswith__gt=self.starts_at).exclude(status=Status.HELD, hold_expires_at__lte=now)
        if self.ends_at:
            found = found.filter(during__startswith__lt=self.ends_at)
        return found.filter(practitioner=self.practitioner) if self.practitioner else found

    def whose(self) -> list[int]:
        """The diaries that it is in."""
        if self.practitioner:
            return [self.practitioner.pk]
        return list(Practitioner.objects.values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class _Outside:
    """What lay within the hours and no longer does, by start."""

    visits: list[Appointment]
    holds: list[Appointment]


def look(change: HoursChange, *, now: datetime, choices: Choices) -> Plan:
    """What the change would do. Nothing is written."""

    def propose(visit: Appointment) -> list[Slot]:
        return proposals(visit, now=now, until=clock.today(visit.starts_at))

    with looking(change.starts_at, change.ends_at, choices):
        try:
            change.check(now)
            _data, outside = _write(change, now)
        except (NotBookable, PlanOutOfDate) as refusal:
            return Plan(refusal=str(refusal))
        rows = look_at_rows(outside.visits, propose=propose, choices=choices, now=now)
    return Plan(rows=rows, held=len(outside.holds))


def do(
    change: HoursChange, *, now: datetime, choices: Choices, versions: Versions, by: User | None, key: uuid.UUID
) -> DiaryChange:
    """Change the hours, and do to each visit what was chosen, all or nothing. The same `key` again is the same change.

    A time that a visitor holds just now outside the new hours stays theirs, and is kept with the visits that stay: once
    it is booked, it is `unsettled`.

    Args:
        versions: of the visits that the page showed, by reference.

    Raises:
        NotBookable: see `HoursChange`. PlanOutOfDate: the page showed other hours or other visits. RowsRefused: see `block.do`.
    """

    def work() -> DiaryChange:
        lock_diaries_of([], choices, change.whose())
        if made := DiaryChange.objects.filter(key=key).first():
            return made
        change.check(now)
        data, outside = _write(change, now)
        check_the_same(outside.visits, versions)
        done = do_rows(outside.visits, choices=choices, versions=versions, now=now)
        done += [changed_visit(Action.KEPT, hold, hold.version, hold.version) for hold in outside.holds]
        return record(
            DiaryChange(
                key=key,
                kind=DiaryChange.Kind.HOURS,
                made_at=now,
                made_by=by,
                practitioner=change.practitioner,
                starts_at=change.starts_at,
                ends_at=change.ends_at,
                reason=change.reason,
                hours=data,
            ),
            done,
        )

    return in_transaction(work, alternatives=list)


def _write(change: HoursChange, now: datetime) -> tuple[rota_rows.Written, _Outside]:
    concerned = change.concerned(now)
    before = rota_rows.covered(concerned)
    data = change.write()
    lost = before - rota_rows.covered(concerned.filter(pk__in=before))
    rows = list(Appointment.objects.with_details().filter(pk__in=lost).order_by("during", "pk"))
    visits = [row for row in rows if row.status != Status.HELD]
    if len(visits) > MOST_VISITS:
        raise NotBookable(
            f"{len(visits)} visits would lie outside these hours, more than the {MOST_VISITS} that can be planned at "
            "once. Change the hours in shorter parts, until a day."
        )
    return data, _Outside(visits, [row for row in rows if row.status == Status.HELD])
