"""How the blocks of a day stand on the grid: rows, lanes and free stretches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import NamedTuple

from bookings.desk.cards import Card, card_of
from bookings.desk.now_next import NowNext
from bookings.desk.who_waits import NOBODY, WhoWaits
from bookings.timetable.day_intervals import DAY, Stretch, without
from bookings.visits.models import Appointment
from clinic.core.formats import desk_clock
from clinic.practitioners.models import Practitioner

MOST_LANES = 3


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
                cut = Stretch(piece, min(piece + longest, end), stretch.label if piece == start else "")
                is_whole = (cut.start, cut.end) == (stretch.start, stretch.end)
                block = self.block(kind, stretch if is_whole else cut)
                pieces.append(replace(block, is_continued=piece != start))
        return pieces

    def block(
        self, kind: str, stretch: Stretch, appointment: Appointment | None = None, card: Card | None = None
    ) -> Block:
        row = (stretch.start - self.first) // self.unit + 1
        end_row = -(-(stretch.end - self.first) // self.unit) + 1
        return Block(
            kind=kind,
            start=stretch.start,
            end=stretch.end,
            row=row,
            length=min(LONGEST, max(1, end_row - row)),
            passed=stretch.start if stretch.passed is None else stretch.passed,
            lasts=stretch.end - stretch.start if stretch.lasts is None else stretch.lasts,
            label=stretch.label,
            appointment=appointment,
            card=card,
        )


def grid_over(edges: Iterable[Stretch]) -> tuple[int, int, int]:
    """First and last whole hour shown, and minutes a row: fine rows where something is off the quarter hours."""
    stretches = list(edges) or [USUAL_DAY]
    first = min(stretch.start for stretch in stretches) // 60 * 60
    last = -(-max(stretch.end for stretch in stretches) // 60) * 60
    is_odd = any(minute % COARSE for stretch in stretches for minute in (stretch.start, stretch.end))
    is_short = last - first <= MOST_ROWS * FINE and all(s.end - s.start <= DAY / 2 for s in stretches)
    return first, last, FINE if is_odd and is_short else COARSE


def place_blocks(
    column: Column,
    stretches: list[tuple[Stretch, Appointment]],
    free: list[Stretch],
    grid: Grid,
    *,
    now: datetime,
    past: int = 0,
) -> None:
    """Put what a column holds on the grid; until the minute `past` nothing can be booked any more."""
    column.visits = _in_lanes(
        [grid.block("visit", stretch, visit, card_of(visit, column.state, now)) for stretch, visit in stretches]
    )
    taken = [*(stretch for stretch, _ in stretches), *free, *column.off, Stretch(0, past)]
    column.slivers = grid.blocks("sliver", without(column.hours, taken))
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
        cluster.append(replace(block, lane=min(lane + 1, MOST_LANES)) if lane else block)
    return result + _widened(cluster, len(busy_until))


def _widened(cluster: list[Block], lanes: int) -> list[Block]:
    return [replace(block, lanes=min(lanes, MOST_LANES)) for block in cluster] if lanes > 1 else cluster


COARSE, FINE = 15, 5  # minutes a row


MOST_ROWS, LONGEST = 160, 48  # what the style sheet has classes for


USUAL_DAY = Stretch(9 * 60, 18 * 60)


class Spot(NamedTuple):
    """Where a card stands, as plain values."""

    start: int
    end: int
    row: int
    length: int
    lane: int
    lanes: int
    passed: int
    lasts: int
    starts_at: str
    ends_at: str

    @property
    def minutes(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Something on the grid. `start` and `end` are minutes of the wall clock; `row` counts from 1.

    `passed` and `lasts` are true minutes, since midnight and from start to end: the clocks may change between.
    """

    kind: str  # visit, free, sliver, off or closed
    start: int
    end: int
    passed: int = 0
    lasts: int = 0
    row: int = 1
    length: int = 1
    lane: int = 1
    lanes: int = 1
    label: str = ""
    appointment: Appointment | None = None
    card: Card | None = None
    is_continued: bool = False  # the next piece of a stretch too long for one block
    waits: WhoWaits = NOBODY

    @property
    def minutes(self) -> int:
        return self.end - self.start

    @property
    def spot(self) -> Spot:
        begins = self.appointment.starts_at if self.appointment else self.starts_at
        ends = self.appointment.ends_at if self.appointment else self.ends_at
        place = (self.start, self.end, self.row, self.length, self.lane, self.lanes)
        return Spot(*place, self.passed, self.lasts, desk_clock(begins), desk_clock(ends))

    @property
    def holds_a_button(self) -> bool:
        return self.kind == "visit" or bool(self.waits.named)

    @property
    def starts_at(self) -> time:
        return time_of(self.start)

    @property
    def ends_at(self) -> time:
        return time_of(self.end)


@dataclass(slots=True, kw_only=True)
class Column:
    """One practitioner's day."""

    practitioner: Practitioner
    is_readers: bool = True  # whether whoever reads it may book into it
    hours: list[Stretch] = field(default_factory=list)
    off: list[Stretch] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    visits: list[Block] = field(default_factory=list)
    free: list[Block] = field(default_factory=list)
    slivers: list[Block] = field(default_factory=list)
    away: list[Block] = field(default_factory=list)
    closed: list[Block] = field(default_factory=list)
    state: NowNext = field(default_factory=NowNext)

    @property
    def is_empty(self) -> bool:
        return not (self.hours or self.off or self.appointments)

    @property
    def inside(self) -> Card | None:
        """The card of whoever is in."""
        return self._card_of(self.state.inside)

    @property
    def next(self) -> Card | None:
        """The card of whoever is next."""
        return self._card_of(self.state.next)

    def _card_of(self, visit: Appointment | None) -> Card | None:
        return next((block.card for block in self.visits if visit and block.appointment is visit), None)

    @property
    def opening(self) -> list[tuple[time, time]]:
        return [(time_of(hours.start), time_of(hours.end)) for hours in self.hours]

    @property
    def agenda(self) -> list[Block]:
        """Visits, free times and time off, one after the other, each whole."""
        blocks = [*self.visits, *_whole(self.free), *_whole(self.away)]
        return sorted(blocks, key=lambda block: (block.passed, block.kind != "off"))


def _whole(blocks: Iterable[Block]) -> list[Block]:
    """The blocks with their pieces put together again; those of one stretch follow each other."""
    found: list[Block] = []
    for block in blocks:
        if block.is_continued and found:
            found[-1] = replace(found[-1], end=block.end, lasts=found[-1].lasts + block.lasts)
        else:
            found.append(block)
    return found


def time_of(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)
