"""What the rota says of one local day, for showing it; what can be booked is asked of `availability`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Q, QuerySet

from bookings.timetable.day_intervals import Stretch, minute_of_time, on_wall
from bookings.timetable.holidays import public_holidays
from bookings.timetable.models import ExtraHours, OpenedHoliday, RegularTimeOff, TimeOff, WorkingHours
from bookings.timetable.ranges import span
from clinic.core import clock

Weekly = TypeVar("Weekly", WorkingHours, RegularTimeOff)


@dataclass(frozen=True, slots=True)
class Holiday:
    name: str
    is_closed: bool


def holiday_on(day: date, *, closes: bool) -> Holiday | None:
    """The public holiday of England on `day`, and whether the clinic is closed then.

    Args:
        closes: whether the clinic closes on public holidays (`BookingSettings.closes_on_public_holidays`).
    """
    name = public_holidays(day, day).get(day)
    if name is None:
        return None
    is_closed = closes and not OpenedHoliday.objects.filter(day=day).exists()
    return Holiday(name, is_closed)


def hours_on(day: date, practitioners: Sequence[int], holiday: Holiday | None) -> dict[int, list[Stretch]]:
    """Working and extra hours of each practitioner; on a closed holiday only the extra ones."""
    found: dict[int, list[Stretch]] = defaultdict(list)
    if not (holiday and holiday.is_closed):
        for hours in _held_on(day, WorkingHours.objects.filter(practitioner__in=practitioners)):
            found[hours.practitioner_id].append(_stretch(hours))
    bounds = span(*clock.day_bounds(day))
    for extra in ExtraHours.objects.filter(practitioner__in=practitioners, during__overlap=bounds):
        found[extra.practitioner_id].append(on_wall(extra.during.lower, extra.during.upper, day))
    return found


def time_off_on(day: date, practitioners: Sequence[int]) -> dict[int, list[Stretch]]:
    """Time off of each practitioner, single and regular, by start; what is for everyone stands with each."""
    theirs = Q(practitioner=None) | Q(practitioner__in=practitioners)
    single = TimeOff.objects.filter(theirs, during__overlap=span(*clock.day_bounds(day)))
    stretches = [(off.practitioner_id, on_wall(off.during.lower, off.during.upper, day, _label(off))) for off in single]
    stretches += [
        (off.practitioner_id, _stretch(off, _label(off)))
        for off in _held_on(day, RegularTimeOff.objects.filter(theirs))
    ]
    found: dict[int, list[Stretch]] = defaultdict(list)
    for whose, stretch in sorted(stretches, key=lambda pair: pair[1].start):
        for pk in practitioners if whose is None else [whose]:
            found[pk].append(stretch)
    return found


def _held_on(day: date, rows: QuerySet[Weekly]) -> Iterable[Weekly]:
    valid = Q(valid_until=None) | Q(valid_until__gte=day)
    for row in rows.filter(valid, weekday=day.isoweekday(), valid_from__lte=day):
        weeks = (day - row.valid_from).days + row.valid_from.weekday()
        if weeks // 7 % row.every_weeks == 0:
            yield row


def _stretch(row: WorkingHours | RegularTimeOff, label: str = "") -> Stretch:
    return Stretch(minute_of_time(row.starts_at), minute_of_time(row.ends_at), label)


def _label(off: TimeOff | RegularTimeOff) -> str:
    return off.reason or ("Time off" if off.practitioner_id else "Closed")
