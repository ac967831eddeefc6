"""A day on paper: for each practitioner their visits in order, with free rows between. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from bookings.desk import day as diary
from bookings.desk.grid import Block, Column
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.practitioners.models import Practitioner

HERE = (Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED)


@dataclass(frozen=True, slots=True)
class Row:
    """A visit, a free stretch or time off, as the day goes."""

    block: Block
    day: date

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
    """Of those who work or see someone on `day`, in their order; as many statements as the diary's own page."""
    shown = diary.day(day=day, practitioners=practitioners, now=now, with_contact=True, settings=settings)
    return [_sheet(column, day) for column in shown.columns]


def _sheet(column: Column, day: date) -> Sheet:
    return Sheet(column.practitioner, column.opening, [Row(block, day) for block in column.agenda])
