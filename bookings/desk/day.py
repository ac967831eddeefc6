"""A day as the diary shows it: who is in, who comes when, and what is free. A read model: nothing here writes.

The grid is local wall time, so a day on which the clocks change keeps its ordinary hours. Nine statements at the most,
whatever the number of practitioners and visits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from bookings.desk.gaps import gaps_on
from bookings.desk.grid import FINE, Column, Grid, grid_over, place_blocks, time_of
from bookings.timetable import rota
from bookings.timetable.day_intervals import Stretch, joined, minute_of, on_wall
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.practitioners.models import Practitioner


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

    @property
    def hours(self) -> list[time]:
        return [time_of(minute) for minute in range(self.first, self.last, 60)]

    @property
    def is_fine(self) -> bool:
        return self.unit == FINE

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
    settings: BookingSettings | None = None,
) -> DiaryDay:
    """The local day `day` of these practitioners, in their order; those with nothing on it are `absent`.

    Args:
        settings: the booking rules, if the caller has read them already.
    """
    settings = settings or BookingSettings.load()
    columns = {person.pk: Column(practitioner=person) for person in practitioners}
    holiday = rota.holiday_on(day, closes=settings.closes_on_public_holidays)
    _fill_hours(columns, day, holiday)
    _fill_time_off(columns, day)
    _fill_appointments(columns, day, now, with_cancelled=with_cancelled)
    shown = [column for column in columns.values() if not column.is_empty]
    stretches = {column.practitioner.pk: _visit_stretches(column, day) for column in shown}
    edges = [edge for column in shown for edge in column.hours]
    edges += [stretch for found in stretches.values() for stretch, _ in found]
    first, last, unit = grid_over(edges)
    gaps = gaps_on(day, [column.practitioner.pk for column in shown if column.hours], now=now, settings=settings)
    for column in shown:
        free = [on_wall(*gap, day) for gap in gaps.get(column.practitioner.pk, [])]
        place_blocks(column, stretches[column.practitioner.pk], free, Grid(first, last, unit))
    return DiaryDay(
        day=day,
        columns=shown,
        absent=[column.practitioner for column in columns.values() if column.is_empty],
        first=first,
        last=last,
        unit=unit,
        now_minute=minute_of(now, day) if clock.today(now) == day else None,
        counts=_counts(shown),
        holiday=holiday,
    )


def _fill_hours(columns: dict[int, Column], day: date, holiday: rota.Holiday | None) -> None:
    for pk, stretches in rota.hours_on(day, list(columns), holiday).items():
        columns[pk].hours = joined(stretches)


def _fill_time_off(columns: dict[int, Column], day: date) -> None:
    for pk, stretches in rota.time_off_on(day, list(columns)).items():
        columns[pk].off = stretches


def _fill_appointments(columns: dict[int, Column], day: date, now: datetime, *, with_cancelled: bool) -> None:
    hidden = {Status.EXPIRED} if with_cancelled else {Status.EXPIRED, Status.CANCELLED}
    rows = (
        Appointment.objects.with_details()
        .in_span(*clock.day_bounds(day))
        .filter(practitioner__in=columns)
        .exclude(status__in=hidden)
        .exclude(status=Status.HELD, hold_expires_at__lte=now)
        .order_by("during", "pk")
    )
    for appointment in rows:
        columns[appointment.practitioner_id].appointments.append(appointment)


def _visit_stretches(column: Column, day: date) -> list[tuple[Stretch, Appointment]]:
    return [
        (on_wall(appointment.starts_at, appointment.ends_at, day), appointment) for appointment in column.appointments
    ]


def _counts(columns: Iterable[Column]) -> list[tuple[Status, int]]:
    found = Counter(appointment.status for column in columns for appointment in column.appointments)
    return [(status, found[status]) for status in Status if found[status]]
