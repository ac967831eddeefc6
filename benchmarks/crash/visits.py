"""The visits whose messages fall due in a crash run, and the patients and staff who change some of them meanwhile."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self, TypeVar

from django.db import InterfaceError, OperationalError, connection

from benchmarks import records
from bookings.engine import changes
from bookings.messages.models import Message
from bookings.messages.models.message import MessageQuerySet
from bookings.messages.planning import rows
from bookings.timetable.models import Location
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import Busy, SlotTaken
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.practitioners.models import OfferedTreatment

T = TypeVar("T")
Kind, Channel, State = Message.Kind, Message.Channel, Message.State
JUDGED = (Kind.CONFIRMATION, Kind.MOVED, Kind.CANCELLED)
FIRST, MOVED_TO = timedelta(days=300), timedelta(days=450)  # so far off that no reminder falls due
BEHIND_SHARE, CHANGED_SHARE = 40, 8  # one visit in so many
HALF_HOURS = range(18, 34)
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Change:
    """A visit's new version, and when at the latest it was committed, in seconds since 1970."""

    visit: int
    version: int
    at: float


@dataclass(slots=True)
class Visits:
    """All visits of a run, by id; the messages of the first `released` of them may be due."""

    ids: list[int]
    behind: list[Change] = field(default_factory=list)
    released: int = 0

    def release(self, share: float) -> list[int]:
        """Let the messages of this share be due; gives the visits that this is new for."""
        upto = int(len(self.ids) * min(share, 1.0))
        new, self.released = self.ids[self.released : upto], upto
        insist(lambda: self.messages().filter(appointment_id__in=new, state=State.PLANNED).update(due_at=clock.now()))
        return new

    def messages(self) -> MessageQuerySet:
        return Message.objects.filter(
            kind__in=JUDGED, appointment_id__gte=self.ids[0], appointment_id__lte=self.ids[-1]
        )


def insist(work: Callable[[], T]) -> T:
    """Do it again until the database is there to answer."""
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError, Busy, SlotTaken):
            connection.close()
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)


def plan(number: int, now: datetime, seed: int) -> Visits:
    """A confirmation by e-mail and a new time by text for each of half as many visits; not due before released.

    Both kinds go out at any hour, so that the run is the same by night. Each run has a practitioner of its own.
    """
    people = Patient.objects.bulk_create(
        Patient(
            full_name="Kim Day",
            email=f"kim{seed}-{index}@example.com",
            phone="+447700900123",
            date_of_birth=now.date() - timedelta(days=12_000),
            contact_by=Patient.Channel.BOTH,
        )
        for index in range(number // 2)
    )
    practitioner = records.practitioners()[seed]
    offered = OfferedTreatment.objects.filter(practitioner=practitioner).order_by("pk")[0]
    place = {
        "practitioner": practitioner,
        "treatment_id": offered.treatment_id,
        "location": Location.objects.order_by("pk")[0],
    }
    five, visits = timedelta(minutes=5), []
    for index, patient in enumerate(people):
        during = span(now + FIRST + index * five, now + FIRST + (index + 1) * five)
        visit = Appointment(patient=patient, status=Status.BOOKED, during=during, occupied=during, **place)
        visit.revoke_link()
        visits.append(visit)
    visits = Appointment.objects.bulk_create(visits, batch_size=1000)
    Message.objects.bulk_create(
        rows.row_of(visit, kind, channel, f"crash-{kind}", now + timedelta(days=1))
        for visit in visits
        for kind, channel in ((Kind.CONFIRMATION, Channel.EMAIL), (Kind.MOVED, Channel.SMS))
    )
    return Visits([visit.pk for visit in visits], _change_behind(visits[::BEHIND_SHARE]))


def _change_behind(visits: Sequence[Appointment]) -> list[Change]:
    """Cancel or move these behind the queue's back: what was to tell of them must not go out."""
    for index, visit in enumerate(visits):
        if index % 2:
            visit.status, visit.cancelled_at = Status.CANCELLED, clock.now()
        else:
            later = visit.starts_at + timedelta(days=1000)
            visit.during = visit.occupied = span(later, later + timedelta(minutes=5))
        visit.version += 1
        visit.save()
    return [Change(visit.pk, visit.version, time.time()) for visit in visits]


class Changes:
    """A thread in which patients and staff move and cancel visits, in the way of the pages, whatever is down.

    `made` is complete once the `with` block is over.
    """

    def __init__(self, visits: Visits, now: datetime, seed: int) -> None:
        self.made: list[Change] = list(visits.behind)
        self._chance, self._now = random.Random(seed), now
        self._untouched = {change.visit for change in visits.behind}
        self._wanted: queue.Queue[int | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work)
        self._error: BaseException | None = None
        self._number = 0

    def some_of(self, visits: Sequence[int]) -> None:
        """Change some of these, whose messages have just fallen due."""
        for visit in visits:
            if visit not in self._untouched and self._chance.randrange(CHANGED_SHARE) == 0:
                self._wanted.put(visit)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wanted.put(None)
        self._thread.join()
        if self._error and error is None:
            raise self._error

    def wait(self) -> None:
        """Until all that was asked for is changed."""
        made, since = len(self.made), time.monotonic()
        while not self._wanted.empty() and self._thread.is_alive():
            if len(self.made) > made:
                made, since = len(self.made), time.monotonic()
            if time.monotonic() - since > PATIENCE:
                raise TimeoutError("Visits can no longer be changed.")
            time.sleep(0.1)

    def _work(self) -> None:
        try:
            while visit := self._wanted.get():
                time.sleep(self._chance.random() * 0.1)
                self._change(visit)
        except Exception as error:  # noqa: BLE001 -- raised again by who waits for it
            self._error = error
        finally:
            connection.close()

    def _change(self, pk: int) -> None:
        self._number += 1
        by_staff, is_cancelled = self._number % 2 == 0, self._number % 4 > 1
        before = insist(lambda: Appointment.objects.values_list("version", flat=True).get(pk=pk))

        def work() -> Appointment:
            visit = Appointment.objects.with_details().get(pk=pk)
            if visit.version > before:  # done, and the answer was lost
                return visit
            if is_cancelled:
                return changes.cancel(appointment=visit, now=clock.now(), by_staff=by_staff)
            return changes.move(appointment=visit, starts_at=self._elsewhere(), now=clock.now(), by_staff=by_staff)

        self.made.append(Change(pk, insist(work).version, time.time()))

    def _elsewhere(self) -> datetime:
        """A time that is nobody else's."""
        day, half_hour = divmod(self._number, len(HALF_HOURS))
        starts = clock.day_bounds(clock.local(self._now + MOVED_TO).date() + timedelta(days=day))[0]
        minutes = HALF_HOURS[half_hour] * 30
        return starts.replace(hour=minutes // 60, minute=minutes % 60)
