"""Make a visit longer or shorter, and let those make way that it then runs into."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from bookings.engine.locks import lock_visit
from bookings.engine.plans.plan import (
    Choices,
    Plan,
    Versions,
    changed_visit,
    check_the_same,
    do_rows,
    lock_diaries_of,
    look_at_rows,
    looking,
    record,
)
from bookings.engine.plans.proposals import Taken, proposals
from bookings.engine.resize import check_length, resize, with_length
from bookings.engine.transactions import in_transaction
from bookings.visits.models import Appointment, ChangedVisit, DiaryChange
from bookings.visits.models.statuses import ACTIVE, Status
from bookings.visits.refusals import NotBookable, for_staff
from bookings.visits.slot import Slot
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.errors import DomainError

Action = ChangedVisit.Action
NO_VERSION = 0  # which no visit has


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """`visit` is to last `minutes`."""

    visit: Appointment
    minutes: int

    def in_the_way(self) -> list[Appointment]:
        """Visits that the longer one would overlap, with its buffers, by practitioner, room or device."""
        occupied = with_length(Appointment.objects.with_details().get(pk=self.visit.pk), self.minutes).occupied
        shares = Q(practitioner=self.visit.practitioner_id)
        shares |= Q(room=self.visit.room_id, room__isnull=False) | Q(device=self.visit.device_id, device__isnull=False)
        standing = Appointment.objects.with_details().filter(status__in=set(ACTIVE) - {Status.HELD})
        return list(
            standing.filter(shares, occupied__overlap=occupied).exclude(pk=self.visit.pk).order_by("during", "pk")
        )

    def taken(self) -> Taken:
        """The time that the longer visit will take, with its buffers."""
        longer = timedelta(minutes=self.minutes - self.visit.minutes)
        occupied = self.visit.occupied
        return Taken(
            practitioner_id=self.visit.practitioner_id, starts_at=occupied.lower, ends_at=occupied.upper + longer
        )


def look(extension: Extension, *, now: datetime, choices: Choices) -> Plan:
    """What the change of length would do. Nothing is written."""

    def propose(visit: Appointment) -> list[Slot]:
        return proposals(visit, now=now, until=clock.today(visit.starts_at), taken=extension.taken())

    try:
        check_length(extension.minutes)
    except NotBookable as wrong:
        return Plan(refusal=str(wrong))
    with looking(extension.visit.starts_at, extension.visit.ends_at, choices, extension.visit):
        rows = look_at_rows(extension.in_the_way(), propose=propose, choices=choices, now=now)
        refusal = _refusal(extension, now)
    return Plan(rows=rows, refusal="" if any(row.refusal for row in rows) else refusal)


def _refusal(extension: Extension, now: datetime) -> str:
    try:
        resize(appointment=extension.visit, minutes=extension.minutes, now=now)
    except DomainError as error:
        return for_staff(error)
    return ""


def do(
    extension: Extension, *, now: datetime, choices: Choices, versions: Versions, by: User | None, key: uuid.UUID
) -> DiaryChange:
    """Change the length, and do to each visit in the way what was chosen. The same `key` again is the same change.

    Args:
        versions: of the visit itself and of those in the way, as the page showed them, by reference.

    Raises:
        What `resize` raises. PlanOutOfDate, RowsRefused: see `block.do`.
    """
    check_length(extension.minutes)
    own = extension.visit
    others = {reference: version for reference, version in versions.items() if reference != own.reference}

    def work() -> DiaryChange:
        lock_diaries_of(extension.in_the_way(), choices, [own.practitioner_id])
        if made := DiaryChange.objects.filter(key=key).first():
            return made
        visits = extension.in_the_way()
        check_the_same(visits, others)
        done = do_rows(visits, choices=choices, versions=others, now=now)
        before = lock_visit(own, versions.get(own.reference, NO_VERSION)).version
        resized = resize(appointment=own, minutes=extension.minutes, now=now)
        if resized.version > before:
            done.append(changed_visit(Action.RESIZED, own, before, resized.version))
        return record(
            DiaryChange(
                key=key,
                kind=DiaryChange.Kind.EXTENSION,
                made_at=now,
                made_by=by,
                practitioner=own.practitioner,
                starts_at=resized.starts_at,
                ends_at=resized.ends_at,
            ),
            done,
        )

    return in_transaction(work, alternatives=list)
