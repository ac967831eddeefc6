"""The weekly hours as staff read them: a row for each stretch of time with the same week, what holds now first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bookings.timetable.models import WorkingHours
from bookings.timetable.models.hours import Weekday
from bookings.timetable.weeks import ONE_DAY, Weeks, monday_of, number_of
from clinic.core.formats import desk_hours, short_day

WEEK = timedelta(days=6)
ORDINALS = {2: "other", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth"}


@dataclass(frozen=True, slots=True)
class ShownHours:
    """`hours` such as 09:00–13:00; `note` says of which weeks, and where, if that is not plain."""

    hours: str
    note: str


@dataclass(frozen=True, slots=True)
class ShownWeek:
    """`days` are seven, from Monday; a day without hours has none."""

    first_day: date
    last_day: date | None
    days: list[list[ShownHours]]
    is_now: bool

    @property
    def when(self) -> str:
        start = "Now" if self.is_now else short_day(self.first_day)
        if self.last_day is None:
            return start if self.is_now else f"From {start}"
        if self.is_one_week and not self.is_now:
            return f"{start}, one week"
        return f"{start} to {short_day(self.last_day)}"

    @property
    def is_one_week(self) -> bool:
        return self.last_day is not None and self.last_day - self.first_day <= WEEK

    @property
    def labelled(self) -> list[tuple[str, list[ShownHours]]]:
        return list(zip(Weekday.labels, self.days, strict=True))

    @property
    def is_empty(self) -> bool:
        return not any(self.days)


def weeks_shown(rows: Sequence[WorkingHours], today: date, *, names_places: bool) -> list[ShownWeek]:
    """From `today` on, by weekday and hour within a week."""
    coming = [row for row in rows if row.valid_until is None or row.valid_until >= today]
    if not coming:
        return []
    found = list[_Alike]()
    for first, last in _stretches(coming, today):
        held = [row for row in coming if _is_met(row, first, last)]
        former = found[-1] if found else None
        if former and (_contents(held) == _contents(former.rows) or former.has_all_due(held)):
            found[-1] = _Alike(former.first_day, last, held)
        else:
            found.append(_Alike(first, last, held))
    return [one.shown(today, names_places=names_places) for one in found]


@dataclass(frozen=True, slots=True)
class _Alike:
    """A time in which every week has the same rows, or its turn of them."""

    first_day: date
    last_day: date | None
    rows: list[WorkingHours]

    def has_all_due(self, rows: Sequence[WorkingHours]) -> bool:
        """Whether it has those of `rows` whose turn comes in it, and no others: they begin a turn later, then."""
        due = [row for row in rows if row.every_weeks == 1 or _is_due(row, self.first_day, self.last_day)]
        return bool(self.rows) and _contents(due) == _contents(self.rows)

    def shown(self, today: date, *, names_places: bool) -> ShownWeek:
        days = [
            [_shown(row, self.first_day, names_places=names_places) for row in self.rows if row.weekday == n]
            for n in range(1, 8)
        ]
        return ShownWeek(self.first_day, self.last_day, days, is_now=self.first_day == today)


def _stretches(rows: Sequence[WorkingHours], today: date) -> list[tuple[date, date | None]]:
    """The times between the days on which some hours begin or end, from `today` on."""
    begin = {row.valid_from for row in rows} | {row.valid_until + ONE_DAY for row in rows if row.valid_until}
    starts = sorted({today} | {day for day in begin if day > today})
    return list(zip(starts, [*(day - ONE_DAY for day in starts[1:]), None], strict=True))


def _is_met(row: WorkingHours, first: date, last: date | None) -> bool:
    """Whether it holds on a day of that time."""
    if row.valid_from > first or (row.valid_until is not None and (last is None or row.valid_until < last)):
        return False
    day = row.weeks.next_on(row.weekday, first)
    return day is not None and (last is None or day <= last)


def _is_due(row: WorkingHours, first: date, last: date | None) -> bool:
    """Whether its turn comes in that time, as if it held there."""
    ahead = (row.weeks.turn - number_of(first)) % row.every_weeks
    turn = first if ahead == 0 else monday_of(first) + timedelta(weeks=ahead)
    day = Weeks(turn, None, row.every_weeks).next_on(row.weekday, turn)
    return day is not None and (last is None or day <= last)


def _contents(rows: Sequence[WorkingHours]) -> list[tuple[object, ...]]:
    return [(row.weekday, row.starts_at, row.ends_at, row.location_id, row.every_weeks, row.weeks.turn) for row in rows]


def _shown(row: WorkingHours, first: date, *, names_places: bool) -> ShownHours:
    notes = []
    if row.every_weeks > 1:
        following = row.weeks.next_on(row.weekday, first)
        notes.append(every(row.weeks) + (f", next {following:%a} {following.day} {following:%b}" if following else ""))
    if names_places:
        notes.append(row.location.name)
    return ShownHours(desk_hours(row.starts_at, row.ends_at), ", ".join(notes))


def every(weeks: Weeks) -> str:
    return f"every {ORDINALS[weeks.every]} week" if weeks.every > 1 else "every week"
