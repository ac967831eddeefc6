"""Bring the visits of another system into the diary, all of a file or none.

What is to come is booked as the desk books it, under the same locks as everyone; what is over, or was called off, is
written down as what it was (`past_visits`). What speaks against a visit is told before anything is booked or sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from bookings.domain import past_visits
from bookings.domain.booking import book
from bookings.domain.idempotency import answer_to
from bookings.domain.import_checks import Allowed, objections
from bookings.domain.import_lines import Line, LineRefused, Visit, read_visit
from bookings.domain.locking import lock_practitioners
from bookings.domain.patients import records_of
from bookings.domain.refusals import PatientBusy, SlotTaken
from bookings.domain.steps import change_status
from bookings.models import Appointment
from bookings.models.appointment import ACTIVE, UPCOMING, Status
from bookings.models.ranges import span
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.patients.models import fold
from clinic.practitioners.models import Practitioner

NOTHING_ALLOWED = Allowed()


@dataclass(slots=True)
class Report:
    """`assumed`: of those imported, how many are over without the file saying how they ended."""

    imported: int = 0
    known: int = 0
    assumed: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)

    def add(self, visit: Visit, *, is_new: bool) -> None:
        self.imported += is_new
        self.known += not is_new
        self.assumed += is_new and visit.outcome.is_assumed


def import_visits(lines: Iterable[Line], *, now: datetime, allowed: Allowed = NOTHING_ALLOWED) -> Report:
    """Import every line, in one transaction; if one of them cannot be, none is, and the report tells of each.

    A coming visit gets the messages of any booking: a confirmation and reminders. Nothing is sent for any other. All
    diaries are locked until the end, so bookings wait for it.
    """
    report = Report()
    with transaction.atomic():
        lock_practitioners(Practitioner.objects.values_list("pk", flat=True))
        for line in lines:
            with _told_in(report, line.number), transaction.atomic():
                visit = read_visit(line.values, now=now)
                report.add(visit, is_new=_import(visit, now, allowed))
        if report.refused:
            transaction.set_rollback(True)
            report.imported = report.assumed = 0
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
            is_new = visit.key.key not in before.keys and _import(visit, now, allowed)
            if is_new and (booked := answer_to(visit.key)):
                before.add(visit, booked)
            report.add(visit, is_new=is_new)
            transaction.set_rollback(True)
    return report


def import_visit(visit: Visit, *, now: datetime) -> Appointment:
    """Book it as staff do: at any hour, but never two visits at once; or write it down. Twice is once.

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


def _import(visit: Visit, now: datetime, allowed: Allowed) -> bool:
    """Whether the visit is new."""
    if answer_to(visit.key) or _is_in_the_diary(visit):
        return False
    _check(visit, now, allowed)
    try:
        import_visit(visit, now=now)
    except SlotTaken as taken:
        raise _told_taken(visit, taken, now) from taken
    return True


def _is_in_the_diary(visit: Visit) -> bool:
    """Whether it was booked here by other means; one that was cancelled may have another in its place."""
    visits = Appointment.objects.visits().filter(patient__in=records_of(visit.details), treatment=visit.treatment)
    if visit.outcome.status != Status.CANCELLED:
        visits = visits.exclude(status=Status.CANCELLED)
    return visits.filter(practitioner=visit.practitioner, during__startswith=visit.starts_at).exists()


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
    treatment = visit.treatment
    occupied = span(
        visit.starts_at - timedelta(minutes=treatment.buffer_before_minutes),
        visit.ends_at + timedelta(minutes=treatment.buffer_after_minutes),
    )
    others = Appointment.objects.filter(practitioner=visit.practitioner, status__in=ACTIVE, occupied__overlap=occupied)
    if others.filter(during__overlap=span(visit.starts_at, visit.ends_at)).exists():
        told = _busy(visit)
    elif others.exists():
        told = _cleaning(visit)
    else:
        told = "every room or device that this needs is taken at this time."
    near = [f"{clock.local(slot.starts_at):%Y-%m-%d %H:%M}" for slot in taken.alternatives if slot.starts_at > now]
    return LineRefused(f"{told} Free near it: {', '.join(near)}." if near else told)


def _busy(visit: Visit) -> str:
    return f"{visit.practitioner.name} has another visit at this time."


def _cleaning(visit: Visit) -> str:
    return f"{visit.practitioner.name} needs this time before or after another visit, to prepare or clean up."


class _Before:
    """What earlier lines of a check would have booked: their spans by local day, of each practitioner and patient."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self._diaries: defaultdict[object, list[Appointment]] = defaultdict(list)

    def add(self, visit: Visit, booked: Appointment) -> None:
        """Raises LineRefused, PatientBusy."""
        self.keys.add(visit.key.key)
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
