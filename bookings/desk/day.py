"""A day as the diary shows it: who is in, who comes when, and what is free. A read model: nothing here writes.

The grid is local wall time, so a day on which the clocks change keeps its ordinary hours. Nine statements at the most,
whatever the number of practitioners and visits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from bookings.desk.gaps import gaps_on
from bookings.timetable import rota
from bookings.timetable.day_intervals import DAY, Stretch, joined, minute_of, on_wall, without
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.practitioners.models import Practitioner

COARSE, FINE = 15, 5  # minutes a row
MOST_ROWS, LONGEST = 160, 48  # what the style sheet has classes for
USUAL_DAY = Stretch(9 * 60, 18 * 60)
MOST_LANES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Something on the grid. `start` and `end` are minutes of the wall clock; `row` counts from 1."""

    kind: str  # visit, free, off or closed
    start: int
    end: int
    row: int = 1
    length: int = 1
    lane: int = 1
    lanes: int = 1
    label: str = ""
    appointment: Appointment | None = None

    @property
    def minutes(self) -> int:
        return self.end - self.start

    @property
    def starts_at(self) -> time:
        return _time(self.start)

    @property
    def ends_at(self) -> time:
        return _time(self.end)


@dataclass(slots=True, kw_only=True)
class Column:
    """One practitioner's day."""

    practitioner: Practitioner
    hours: list[Stretch] = field(default_factory=list)
    off: list[Stretch] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    visits: list[Block] = field(default_factory=list)
    free: list[Block] = field(default_factory=list)
    away: list[Block] = field(default_factory=list)
    closed: list[Block] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.hours or self.off or self.appointments)

    @property
    def opening(self) -> list[tuple[time, time]]:
        return [(_time(hours.start), _time(hours.end)) for hours in self.hours]

    @property
    def agenda(self) -> list[Block]:
        """Visits, free times and time off, one after the other."""
        return sorted([*self.visits, *self.free, *self.away], key=lambda block: (block.start, block.kind != "off"))


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
        return [_time(minute) for minute in range(self.first, self.last, 60)]

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
    clinic: ClinicSettings | None = None,
) -> DiaryDay:
    """The local day `day` of these practitioners, in their order; those with nothing on it are `absent`.

    Args:
        clinic: the settings, if the caller has read them already.
    """
    columns = {person.pk: Column(practitioner=person) for person in practitioners}
    holiday = rota.holiday_on(day)
    _fill_hours(columns, day, holiday)
    _fill_time_off(columns, day)
    _fill_appointments(columns, day, now, with_cancelled=with_cancelled)
    shown = [column for column in columns.values() if not column.is_empty]
    stretches = {column.practitioner.pk: _visit_stretches(column, day) for column in shown}
    edges = [edge for column in shown for edge in column.hours]
    edges += [stretch for found in stretches.values() for stretch, _ in found]
    first, last, unit = _grid(edges)
    gaps = gaps_on(day, [column.practitioner.pk for column in shown if column.hours], now=now, clinic=clinic)
    for column in shown:
        free = [on_wall(*gap, day) for gap in gaps.get(column.practitioner.pk, [])]
        _place(column, stretches[column.practitioner.pk], free, Grid(first, last, unit))
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


@dataclass(frozen=True, slots=True)
class Grid:
    first: int
    last: int
    unit: int

    def blocks(self, kind: str, stretches: Iterable[Stretch]) -> list[Block]:
        """Each stretch on the grid, cut to the hours shown, and into pieces that the style sheet can place."""
        longest = LONGEST * self.unit
        pieces = []
        for stretch in stretches:
            start, end = max(stretch.start, self.first), min(stretch.end, self.last)
            for piece in range(start, end, longest):
                label = stretch.label if piece == start else ""
                pieces.append(self.block(kind, Stretch(piece, min(piece + longest, end), label)))
        return pieces

    def block(self, kind: str, stretch: Stretch, appointment: Appointment | None = None) -> Block:
        row = (stretch.start - self.first) // self.unit + 1
        end_row = -(-(stretch.end - self.first) // self.unit) + 1
        return Block(
            kind=kind,
            start=stretch.start,
            end=stretch.end,
            row=row,
            length=min(LONGEST, max(1, end_row - row)),
            label=stretch.label,
            appointment=appointment,
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


def _grid(edges: Iterable[Stretch]) -> tuple[int, int, int]:
    """First and last whole hour shown, and minutes a row: fine rows where something is off the quarter hours."""
    stretches = list(edges) or [USUAL_DAY]
    first = min(stretch.start for stretch in stretches) // 60 * 60
    last = -(-max(stretch.end for stretch in stretches) // 60) * 60
    is_odd = any(minute % COARSE for stretch in stretches for minute in (stretch.start, stretch.end))
    is_short = last - first <= MOST_ROWS * FINE and all(s.end - s.start <= DAY / 2 for s in stretches)
    return first, last, FINE if is_odd and is_short else COARSE


def _place(column: Column, stretches: list[tuple[Stretch, Appointment]], free: list[Stretch], grid: Grid) -> None:
    column.visits = _in_lanes([grid.block("visit", stretch, appointment) for stretch, appointment in stretches])
    column.free = grid.blocks("free", free)
    column.away = grid.blocks("off", column.off)
    column.closed = grid.blocks("closed", without([Stretch(grid.first, grid.last)], column.hours))


def _in_lanes(blocks: list[Block]) -> list[Block]:
    """Blocks side by side where they share a row (a missed visit whose time was given away, the hour that repeats)."""
    result: list[Block] = []
    cluster: list[Block] = []
    busy_until: list[int] = []
    for block in sorted(blocks, key=lambda block: block.row):
        if cluster and block.row >= max(busy_until):
            result += _widened(cluster, len(busy_until))
            cluster, busy_until = [], []
        lane = next((i for i, until in enumerate(busy_until) if until <= block.row), len(busy_until))
        busy_until[lane : lane + 1] = [block.row + block.length]
        cluster.append(replace(block, lane=min(lane + 1, MOST_LANES)))
    return result + _widened(cluster, len(busy_until))


def _widened(cluster: list[Block], lanes: int) -> list[Block]:
    return [replace(block, lanes=min(lanes, MOST_LANES)) for block in cluster]


def _counts(columns: Iterable[Column]) -> list[tuple[Status, int]]:
    found = Counter(appointment.status for column in columns for appointment in column.appointments)
    return [(status, found[status]) for status in Status if found[status]]


def _time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)
