"""Bring the visits of another system into the diary, all of a file or none.

What is to come is booked as the desk books it, under the same locks as everyone; what is over, or was called off, is
written down as what it was (`past_visits`). What speaks against a visit is told before anything is booked or sent.
What is here already is compared with the file (`import_known`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db import transaction

from bookings.desk.importing import known as import_known
from bookings.desk.importing.checks import Allowed, objections
from bookings.desk.importing.lines import Line, LineRefused, Visit, read_visit
from bookings.desk.importing.status import Outcome
from bookings.engine import past_visits
from bookings.engine.booking import book
from bookings.engine.idempotency import answer_to
from bookings.engine.status_changes import change_status
from bookings.engine.transactions import lock_practitioners
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import ACTIVE, UPCOMING, Status
from bookings.visits.refusals import PatientBusy, Reason, SlotTaken
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.formats import sortable_time
from clinic.patients.models import fold
from clinic.practitioners.models import Practitioner

NOTHING_ALLOWED = Allowed()
Became = Literal["imported", "changed", "known"]


@dataclass(slots=True)
class Report:
    """How many visits are new, were here with another status, or were here as the file says.

    `assumed`: of those imported, how many are over without the file saying how they ended.
    """

    imported: int = 0
    changed: int = 0
    known: int = 0
    assumed: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)

    def add(self, visit: Visit, became: Became) -> None:
        self.imported += became == "imported"
        self.changed += became == "changed"
        self.known += became == "known"
        self.assumed += became == "imported" and visit.outcome.is_assumed


def import_visits(lines: Iterable[Line], *, now: datetime, allowed: Allowed = NOTHING_ALLOWED) -> Report:
    """Import every line, in one transaction; if one of them cannot be, none is, and the report tells of each.

    A coming visit gets the messages of any booking: a confirmation and reminders. Nothing is sent for any other. All
    diaries are locked until the end: bookings and changes wait for them, and after some seconds are refused as `Busy`.
    """
    report, before = Report(), _Before()
    with transaction.atomic():
        lock_practitioners(Practitioner.objects.values_list("pk", flat=True))
        for line in lines:
            with _told_in(report, line.number), transaction.atomic():
                visit = read_visit(line.values, now=now)
                became = "known" if before.has(visit) else _import(visit, now, allowed, has_twin=line.has_twin)
                before.said[visit.key.key] = visit.outcome
                report.add(visit, became)
        if report.refused:
            transaction.set_rollback(True)
            report.imported = report.changed = report.assumed = 0
    return report


def check_visits(lines: Iterable[Line], *, now: datetime, allowed: Allowed = NOTHING_ALLOWED) -> Report:
    """What `import_visits` would do. Nothing stays, and no diary is locked for longer than one line takes.

    A line is judged by the diary, and by the practitioners and patients of the lines before it; whether lines of this
    file take each other's rooms only the import itself finds.
    """
    report, before = Report(), _Before()
    for line in lines:
        with _told_in(report, line.number), transaction.atomic():
            visit = read_visit(line.values, now=now)
            became = "known" if before.has(visit) else _import(visit, now, allowed, has_twin=line.has_twin)
            if became == "imported" and (booked := answer_to(visit.key)):
                before.add(visit, booked)
            before.said[visit.key.key] = visit.outcome
            report.add(visit, became)
            transaction.set_rollback(True)
    return report


def import_visit(visit: Visit, *, now: datetime) -> Appointment:
    """Book it as staff do: at any hour, but never two visits at once; or write it down. Idempotent.

    Raises:
        SlotTaken, PatientBusy, TooYoung, NotBookable: as for `book`.
    """
    asked: dict[str, Any] = {
        "treatment": visit.treatment,
        "practitioner": visit.practitioner,
        "starts_at": visit.starts_at,
        "details": visit.details,
        "now": now,
        "idempotency": visit.key,
    }
    status = visit.outcome.status
    if status not in UPCOMING:
        return past_visits.record(**asked, status=status)
    booked = book(**asked, source=Appointment.Source.IMPORT, by_staff=True)
    return change_status(appointment=booked, status=status, now=now) if status == Status.CONFIRMED else booked


def _import(visit: Visit, now: datetime, allowed: Allowed, *, has_twin: bool) -> Became:
    """Import one visit as what it was.

    Raises:
        LineRefused, PatientBusy, TooYoung, NotBookable
    """
    here = import_known.find(visit, has_twin=has_twin)
    try:
        if here:
            return "changed" if import_known.update(here, visit, now) else "known"
        _check(visit, now, allowed)
        import_visit(visit, now=now)
    except SlotTaken as taken:
        raise _told_taken(visit, taken, now) from taken
    return "imported"


def _check(visit: Visit, now: datetime, allowed: Allowed) -> None:
    """Raises LineRefused: what nobody has confirmed speaks against it."""
    if visit.outcome.status == Status.CANCELLED:
        return
    found = objections(visit.treatment, visit.practitioner, visit.starts_at, visit.ends_at, now=now)
    against = [
        f"{why}; --{switch.replace('_', '-')} imports it all the same."
        for switch, why in found
        if not getattr(allowed, switch)
    ]
    if against:
        raise LineRefused(" ".join(against))


def _told_taken(visit: Visit, taken: SlotTaken, now: datetime) -> LineRefused:
    """What is in the way, and what is free near it."""
    told = {
        None: _busy(visit),
        Reason.TAKEN: _busy(visit),
        Reason.CLEANING_TIME: _cleaning(visit),
        Reason.NO_ROOM: "every room that this needs is taken at this time.",
        Reason.NO_DEVICE: "the device that this needs is in use at this time.",
    }.get(taken.reason, str(taken))
    near = [sortable_time(slot.starts_at) for slot in taken.alternatives if slot.starts_at > now]
    return LineRefused(f"{told} Free near it: {', '.join(near)}." if near else told)


def _busy(visit: Visit) -> str:
    return f"{visit.practitioner.name} has another visit at this time."


def _cleaning(visit: Visit) -> str:
    return f"{visit.practitioner.name} needs this time before or after another visit, to prepare or clean up."


class _Before:
    """What earlier lines said, and what those of a check would have booked.

    The latter as spans by local day, of each practitioner and patient.
    """

    def __init__(self) -> None:
        self.said: dict[str, Outcome] = {}
        self._diaries: defaultdict[object, list[Appointment]] = defaultdict(list)

    def has(self, visit: Visit) -> bool:
        """Whether the file has named this visit before.

        Raises:
            LineRefused: with another outcome.
        """
        said = self.said.get(visit.key.key)
        if said and said.status != visit.outcome.status:
            raise LineRefused(f"an earlier line says that this visit is “{said.status.label.lower()}”.")
        return said is not None

    def add(self, visit: Visit, booked: Appointment) -> None:
        """Raises LineRefused, PatientBusy."""
        if booked.status not in ACTIVE:
            return
        day, person = clock.today(visit.starts_at), visit.details
        diary = self._diaries["practitioner", visit.practitioner.pk, day]
        own = self._diaries[person.email.lower(), fold(person.full_name), person.date_of_birth, day]
        if near := next((one for one in diary if _overlap(one.occupied, booked.occupied)), None):
            raise LineRefused(_busy(visit) if _overlap(near.during, booked.during) else _cleaning(visit))
        if any(_overlap(one.during, booked.during) for one in own):
            raise PatientBusy
        diary.append(booked)
        own.append(booked)


def _overlap(one: Any, other: Any) -> bool:
    """Whether two spans share a moment."""
    return bool(one.lower < other.upper and other.lower < one.upper)


@contextmanager
def _told_in(report: Report, number: int) -> Iterator[None]:
    try:
        yield
    except PatientBusy:
        report.refused.append((number, "the patient has another visit at this time."))
    except DomainError as refusal:
        report.refused.append((number, str(refusal)))
