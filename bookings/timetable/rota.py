"""What the rota says of one local day, for showing it; what can be booked is asked of `availability`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.db import connection
from psycopg.types.range import TimestamptzRange

from bookings.timetable.day_intervals import Stretch, minute_of_time, on_wall, passed_until
from bookings.timetable.models import ExtraHours, OpenedHoliday, RegularTimeOff, TimeOff, WorkingHours
from bookings.timetable.ranges import span
from clinic.core import clock
from clinic.core.calendar.holidays import public_holidays

_WEEKLY = """weekday = %(weekday)s AND valid_from <= %(day)s AND COALESCE(valid_until, %(day)s) >= %(day)s
    AND (%(day)s - valid_from + EXTRACT(ISODOW FROM valid_from)::int - 1) / 7 %% every_weeks = 0"""
# ruff: noqa: S608, SLF001 -- put together from our own names, never from what someone sent
_ROTA = f"""
SELECT 'hours', practitioner_id, starts_at, ends_at, NULL::tstzrange, '' FROM {WorkingHours._meta.db_table}
WHERE practitioner_id = ANY(%(people)s) AND {_WEEKLY}
UNION ALL
SELECT 'extra', practitioner_id, NULL, NULL, during, '' FROM {ExtraHours._meta.db_table}
WHERE practitioner_id = ANY(%(people)s) AND during && %(bounds)s
UNION ALL
SELECT 'off', practitioner_id, NULL, NULL, during, reason FROM {TimeOff._meta.db_table}
WHERE (practitioner_id IS NULL OR practitioner_id = ANY(%(people)s)) AND during && %(bounds)s
UNION ALL
SELECT 'off', practitioner_id, starts_at, ends_at, NULL, reason FROM {RegularTimeOff._meta.db_table}
WHERE (practitioner_id IS NULL OR practitioner_id = ANY(%(people)s)) AND {_WEEKLY}
UNION ALL
SELECT 'opened', NULL, NULL, NULL, NULL, '' FROM {OpenedHoliday._meta.db_table} WHERE day = %(day)s"""


class _Row(NamedTuple):
    """Of `_ROTA`: either `starts_at` to `ends_at` on the wall clock, or `during`."""

    kind: str
    practitioner: int | None
    starts_at: time | None
    ends_at: time | None
    during: TimestamptzRange | None
    reason: str

    def stretch(self, day: date, label: str = "") -> Stretch:
        if self.starts_at and self.ends_at:
            passed = passed_until(datetime.combine(day, self.starts_at, tzinfo=clock.LONDON), day)
            return Stretch(minute_of_time(self.starts_at), minute_of_time(self.ends_at), label, passed)
        assert self.during and self.during.lower and self.during.upper  # noqa: S101, PT018 -- finite, by its constraint
        return on_wall(self.during.lower, self.during.upper, day, label)

    @property
    def label(self) -> str:
        return self.reason or ("Time off" if self.practitioner else "Closed")


@dataclass(frozen=True, slots=True)
class Holiday:
    name: str
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Rota:
    """Of one day: the stretches of each practitioner, by start."""

    holiday: Holiday | None
    hours: dict[int, list[Stretch]]
    off: dict[int, list[Stretch]]


def rota_on(day: date, practitioners: Sequence[int], *, closes: bool) -> Rota:
    """Hours, time off and the public holiday of a day, in one statement.

    Args:
        closes: whether the clinic closes on public holidays (`BookingSettings.closes_on_public_holidays`).
    """
    rows = _rows(day, practitioners)
    name = public_holidays(day, day).get(day)
    is_closed = closes and not any(row.kind == "opened" for row in rows)
    holiday = Holiday(name, is_closed) if name else None
    return Rota(holiday, _hours(rows, day, holiday), _time_off(rows, day, practitioners))


def _rows(day: date, practitioners: Sequence[int]) -> list[_Row]:
    asked: dict[str, Any] = {
        "day": day,
        "weekday": day.isoweekday(),
        "people": list(practitioners),
        "bounds": span(*clock.day_bounds(day)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROTA, asked)
        return [_Row(*row) for row in cursor.fetchall()]


def _hours(rows: Iterable[_Row], day: date, holiday: Holiday | None) -> dict[int, list[Stretch]]:
    """Working and extra hours of each practitioner; on a closed holiday only the extra ones."""
    kinds = {"extra"} if holiday and holiday.is_closed else {"hours", "extra"}
    found: dict[int, list[Stretch]] = defaultdict(list)
    for row in rows:
        if row.kind in kinds and row.practitioner:
            found[row.practitioner].append(row.stretch(day))
    return found


def _time_off(rows: Iterable[_Row], day: date, practitioners: Sequence[int]) -> dict[int, list[Stretch]]:
    """Time off of each practitioner, single and regular, by start; what is for everyone stands with each."""
    off = [(row.practitioner, row.stretch(day, row.label)) for row in rows if row.kind == "off"]
    found: dict[int, list[Stretch]] = defaultdict(list)
    for whose, stretch in sorted(off, key=lambda pair: pair[1].start):
        for pk in practitioners if whose is None else [whose]:
            found[pk].append(stretch)
    return found
