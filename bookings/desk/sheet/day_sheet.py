"""A day on paper: for each practitioner their visits in order, with free rows between. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from bookings.desk import day as diary
from bookings.desk.grid import Block, Column
from bookings.visits.models import Appointment, BookingSettings, PatientNote
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.practitioners.models import Practitioner

HERE = (Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED)


@dataclass(frozen=True, slots=True)
class Row:
    """A visit, a free stretch or time off, as the day goes."""

    block: Block
    day: date
    notes: Sequence[str] = ()  # what staff wrote about the visit, in the order in which they did

    @property
    def kind(self) -> str:
        return self.block.kind

    @property
    def visit(self) -> Appointment | None:
        return self.block.appointment

    @property
    def age(self) -> int | None:
        patient = self.visit.patient if self.visit else None
        born = patient.date_of_birth if patient else None
        return clock.age_on(born, self.day) if born else None

    @property
    def ticks(self) -> list[tuple[str, bool]]:
        """What is ticked by hand, and whether the diary has it already."""
        status = self.visit.status if self.visit else ""
        return [
            (Status.ARRIVED.label, status in HERE),
            (Status.COMPLETED.label, status == Status.COMPLETED),
            (Status.NO_SHOW.label, status == Status.NO_SHOW),
        ]


@dataclass(frozen=True, slots=True)
class Sheet:
    practitioner: Practitioner
    hours: list[tuple[time, time]]
    rows: list[Row]

    @property
    def total(self) -> int:
        return sum(row.kind == "visit" for row in self.rows)


def sheets(
    *, day: date, practitioners: Sequence[Practitioner], now: datetime, settings: BookingSettings | None = None
) -> list[Sheet]:
    """Of those who work or see someone on `day`, in their order; one statement more than the diary's own page."""
    shown = diary.day(
        day=day, practitioners=practitioners, now=now, with_contact=True, with_words=True, settings=settings
    )
    notes = _notes_about(visit for column in shown.columns for visit in column.appointments if not visit.is_withheld)
    return [_sheet(column, day, notes) for column in shown.columns]


def _notes_about(visits: Iterable[Appointment]) -> dict[int, list[str]]:
    """By the visit; a note that was corrected is not among them."""
    found: dict[int, list[str]] = {}
    rows = PatientNote.objects.filter(visit__in=[visit.pk for visit in visits], corrected_by=None)
    for note in rows.order_by("written_at", "pk").only("visit", "text", "token"):
        found.setdefault(note.visit_id, []).append(note.shown_text)  # type: ignore[arg-type]  # each is about a visit
    return found


def _sheet(column: Column, day: date, notes: dict[int, list[str]]) -> Sheet:
    rows = [
        Row(block, day, notes.get(block.appointment.pk, ()) if block.appointment else ()) for block in column.agenda
    ]
    return Sheet(column.practitioner, column.opening, rows)
