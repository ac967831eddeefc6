"""A day as the diary shows it: who is in, who comes when, and what is free. A read model: nothing here writes.

The grid is local wall time, so a day on which the clocks change keeps its ordinary hours. Three statements, and one
for the marks of each program above if they are wanted, whatever the number of practitioners and visits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.db.models import Exists, F, OuterRef

from bookings.desk.gaps import gaps_on
from bookings.desk.grid import COARSE, FINE, Column, Grid, grid_over, place_blocks, time_of
from bookings.desk.now_next import NowNext, now_next
from bookings.desk.who_waits import NOBODY
from bookings.messages.planning.lateness import last_told
from bookings.openings.day_marks import marks_of
from bookings.timetable import rota
from bookings.timetable.day_intervals import DAY, Stretch, joined, minute_of, on_wall, passed_until
from bookings.visits.access import Reader, limited, sees_all, withhold, withhold_limited
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.note import with_note_counts
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.sealing.fields import holds_text
from clinic.practitioners.models import Practitioner

SHORT = 30  # minutes: two rows, the least that holds a button; one taller row does
READ = (  # of a visit, its patient and whom it is offered to: the other half of their columns is shown nowhere in a day
    "reference", "version", "status", "during", "hold_expires_at", "arrived_at", "was_cancelled_late",
    "practitioner", "treatment", "room", "patient__full_name", "patient__date_of_birth",
    "offer__appointment", "offer__entry__patient__full_name",
)  # fmt: skip
CONTACT = ("patient__phone", "patient__email", "patient__contact_by")
READ_TODAY = (*READ, "occupied", *CONTACT)  # what delays do to the rest of the day, and how each is told of them
WORDS = ("note", "patient__access_needs", "patient__reference")  # sealed, and what they are bound to
FEW = 3  # short blocks leave the rows as they are while they are fewer than one in so many


@dataclass(frozen=True, slots=True, kw_only=True)
class DiaryDay:
    day: date
    columns: list[Column]
    absent: list[Practitioner]
    first: int
    last: int
    unit: int
    now_minute: int | None
    counts: list[tuple[Status, int]]
    holiday: rota.Holiday | None
    cancelled: int = 0

    @property
    def hours(self) -> list[time]:
        return [time_of(minute) for minute in range(self.first, self.last, 60)]

    @property
    def is_fine(self) -> bool:
        return self.unit == FINE

    @property
    def is_tall(self) -> bool:
        """Whether visits, and gaps to be offered, are so often short that the day needs taller rows for their buttons.

        An odd short one does without its button on the grid: its page, the list and the bar have it.
        """
        with_a_button = (
            block for column in self.columns for block in (*column.visits, *column.free) if block.holds_a_button
        )
        are_short = [block.minutes < SHORT for block in with_a_button]
        return sum(are_short) > 1 and sum(are_short) * FEW >= len(are_short)

    @property
    def minutes_with_a_button(self) -> int:
        """How long a block must be to hold a button on the grid."""
        return COARSE if self.is_tall else SHORT

    @property
    def is_over(self) -> bool:
        """Whether nobody is in and nobody comes any more."""
        return all(column.state.current is None for column in self.columns)

    @property
    def now_row(self) -> int | None:
        """The row of the line that says now; none on another day or outside the hours shown."""
        if self.now_minute is None or not self.first <= self.now_minute < self.last:
            return None
        return (self.now_minute - self.first) // self.unit + 1

    @property
    def now_third(self) -> int:
        """How many whole thirds of its row have passed."""
        return (self.now_minute or 0) % self.unit * 3 // self.unit

    @property
    def total(self) -> int:
        return sum(number for status, number in self.counts if status not in (Status.HELD, Status.CANCELLED))


def day(
    *,
    day: date,
    practitioners: Sequence[Practitioner],
    now: datetime,
    with_cancelled: bool = False,
    with_contact: bool = False,
    with_words: bool = False,
    with_marks: bool = False,
    settings: BookingSettings | None = None,
    reader: Reader | None = None,
) -> DiaryDay:
    """The local day `day` of these practitioners, in their order; those with nothing on it are `absent`.

    Args:
        with_contact: read how each patient is reached too; of today's that is always read.
        with_marks: read what programs above show of each visit.
        with_words: read the patient's note and access needs too; else only whether there are any.
        settings: the booking rules, if the caller has read them already.
        reader: who reads it; without one nothing is withheld but what belongs to records of limited use.
    """
    settings = settings or BookingSettings.load()
    columns = {person.pk: Column(practitioner=person) for person in practitioners}
    found = rota.rota_on(day, list(columns), closes=settings.closes_on_public_holidays)
    for pk, column in columns.items():
        column.hours, column.off = joined(found.hours.get(pk, [])), found.off.get(pk, [])
    is_today = clock.today(now) == day
    columns_read = READ_TODAY if is_today else (*READ, *CONTACT) if with_contact else READ
    words = WORDS if with_words else ()
    cancelled = _fill_appointments(columns, day, now, (*columns_read, *words), with_cancelled=with_cancelled)
    if reader is None:
        withhold_limited(visit for column in columns.values() for visit in column.appointments)
    else:
        withhold((visit for column in columns.values() for visit in column.appointments), reader, settings)
        sees_every_column = sees_all(reader, settings)
        for column in columns.values():
            column.is_readers = sees_every_column or column.practitioner.user_id == reader.pk
    _mark(columns.values() if with_marks else ())
    shown = [column for column in columns.values() if not column.is_empty]
    stretches = {column.practitioner.pk: _visit_stretches(column, day) for column in shown}
    edges = [edge for column in shown for edge in column.hours]
    edges += [stretch for found in stretches.values() for stretch, _ in found]
    first, last, unit = grid_over(edges)
    gaps = gaps_on(day, [column.practitioner.pk for column in shown if column.hours], now=now, settings=settings)
    past = minute_of(now, day)
    for column in shown:
        if is_today:
            column.state = _state(column, day, now)
        own = gaps.get(column.practitioner.pk, [])
        free = [on_wall(gap.starts_at, gap.ends_at, day, ", ".join(gap.fits)) for gap in own]
        place_blocks(column, stretches[column.practitioner.pk], free, Grid(first, last, unit), now=now, past=past)
        waits = {passed_until(gap.starts_at, day): gap.waits for gap in own}
        column.free = [replace(block, waits=waits.get(block.passed, NOBODY)) for block in column.free]
    return DiaryDay(
        day=day,
        columns=shown,
        absent=[column.practitioner for column in columns.values() if column.is_empty],
        first=first,
        last=last,
        unit=unit,
        now_minute=past if is_today else None,
        counts=_counts(shown),
        holiday=found.holiday,
        cancelled=cancelled,
    )


def _fill_appointments(
    columns: dict[int, Column], day: date, now: datetime, read: Sequence[str], *, with_cancelled: bool
) -> int:
    """Give each column its visits, and return how many cancelled ones there are, shown or not."""
    seen_before = Appointment.objects.standing().filter(
        patient=OuterRef("patient"), during__startswith__lt=OuterRef("during__startswith")
    )
    rows = (
        with_note_counts(Appointment.objects.select_related("patient", "offer__entry__patient"))
        .annotate(treatment_name=F("treatment__name"), room_name=F("room__name"))
        .annotate(is_first_visit=~Exists(seen_before), told_about=last_told())
        .annotate(is_of_limited=Exists(limited(patient=OuterRef("patient"))))
        .annotate(has_note=holds_text("note"), has_access_need=holds_text("patient__access_needs"))
        .in_span(*clock.day_bounds(day))
        .filter(practitioner__in=columns)
        .exclude(status=Status.EXPIRED)
        .exclude(status=Status.HELD, hold_expires_at__lte=now)
        .order_by("during", "pk")
        .only(*read)
    )
    cancelled = 0
    for appointment in rows:
        column = columns[appointment.practitioner_id]
        appointment.practitioner = column.practitioner
        is_cancelled = appointment.status == Status.CANCELLED
        cancelled += is_cancelled
        if with_cancelled or not is_cancelled:
            column.appointments.append(appointment)
    return cancelled


def _mark(columns: Iterable[Column]) -> None:
    """Give each visit of a patient whom the reader may see the marks of programs above."""
    rows = (visit for column in columns for visit in column.appointments)
    visits: list[Any] = [visit for visit in rows if visit.patient and not visit.is_withheld]
    marks = marks_of(visits)
    for visit in visits:
        visit.day_marks = marks.get(visit.pk, ())


def _state(column: Column, day: date, now: datetime) -> NowNext:
    midnight, _ = clock.day_bounds(day)
    breaks = [(_moment(midnight, off.start), _moment(midnight, off.end), off.label) for off in column.off]
    return now_next(appointments=column.appointments, breaks=breaks, now=now)


def _moment(midnight: datetime, minute: int) -> datetime:
    """The moment at which the clinic's clock shows `minute`; the end of the day is its last minute."""
    return midnight.replace(hour=min(minute, DAY - 1) // 60, minute=min(minute, DAY - 1) % 60)


def _visit_stretches(column: Column, day: date) -> list[tuple[Stretch, Appointment]]:
    return [
        (on_wall(appointment.starts_at, appointment.ends_at, day), appointment) for appointment in column.appointments
    ]


def _counts(columns: Iterable[Column]) -> list[tuple[Status, int]]:
    found = Counter(appointment.status for column in columns for appointment in column.appointments)
    return [(status, found[status]) for status in Status if found[status]]
