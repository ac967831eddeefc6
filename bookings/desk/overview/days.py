"""A week or a month of the diary: how full each day is, and in a week whom it brings. A read model: nothing here writes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bookings.desk.overview.filters import Filters
from bookings.desk.overview.loads import CLOSED, Load, loads
from bookings.visits.access import Reader, withhold_limited
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.appointment import AppointmentQuerySet
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.calendar.holidays import public_holidays
from clinic.practitioners.models import Practitioner

A_WEEK = 7
MOST_LISTED = 30  # visits in one day of the week


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """`visits` are those listed, `count` all that there are; `holiday` is its name.

    `is_beside`: of the month before or after the one shown.
    """

    day: date
    morning: Load
    afternoon: Load
    count: int
    visits: list[Appointment] = field(default_factory=list)
    holiday: str = ""
    is_beside: bool = False

    @property
    def is_open(self) -> bool:
        return bool(self.morning.open or self.afternoon.open)

    @property
    def is_on_leave(self) -> bool:
        """Whether the clinic is open, and all who would work are on leave."""
        return not self.is_open and (self.morning.is_on_leave or self.afternoon.is_on_leave)

    @property
    def gaps(self) -> int:
        return self.morning.gaps + self.afternoon.gaps

    @property
    def free_hours(self) -> str:
        """Such as 2 h 30."""
        hours, minutes = divmod(self.morning.free + self.afternoon.free, 60)
        return f"{hours} h {minutes:02}" if minutes and hours else f"{hours} h" if hours else f"{minutes} min"

    @property
    def unlisted(self) -> int:
        return self.count - len(self.visits)


def week_of(day: date) -> tuple[date, date]:
    """Monday to Sunday."""
    first = day - timedelta(days=day.weekday())
    return first, first + timedelta(days=A_WEEK - 1)


def month_of(day: date) -> tuple[date, date]:
    """Whole weeks that hold the month of `day`."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return week_of(first)[0], week_of(last)[1]


def days(
    *,
    first: date,
    last: date,
    people: Sequence[Practitioner],
    filters: Filters,
    now: datetime,
    month: int | None = None,
    settings: BookingSettings | None = None,
    reader: Reader | None = None,
) -> list[Day]:
    """Each local day from `first` to `last`: of a `month` without the visits themselves.

    Three statements, whatever the days and visits; four without `settings`.
    """
    ids = [person.pk for person in people]
    bookable = [person.pk for person in people if person.live and person.is_bookable]  # of the others no time is sold
    load = loads(people=bookable, first_day=first, last_day=last, now=now, location=filters.location, settings=settings)
    found = _visits(first, last, ids, filters, now)
    counts: Counter[date] = Counter()
    listed: defaultdict[date, list[Appointment]] = defaultdict(list)
    if month is None:
        visits = list(found.with_details().order_by("during", "pk"))
        withhold_limited(visits, reader)
        for visit in visits:
            on = clock.today(visit.starts_at)
            counts[on] += 1
            if len(listed[on]) < MOST_LISTED:
                listed[on].append(visit)
    else:
        counts.update(clock.today(during.lower) for during in found.values_list("during", flat=True))
    holidays = public_holidays(first, last)
    return [
        Day(
            day=day,
            morning=load.get((day, True), CLOSED),
            afternoon=load.get((day, False), CLOSED),
            count=counts[day],
            visits=listed[day],
            holiday=holidays.get(day, ""),
            is_beside=month is not None and day.month != month,
        )
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
    ]


def _visits(first: date, last: date, people: list[int], filters: Filters, now: datetime) -> AppointmentQuerySet:
    bounds = clock.day_bounds(first)[0], clock.day_bounds(last)[1]
    rows = Appointment.objects.filter(
        practitioner__in=people, during__startswith__gte=bounds[0], during__startswith__lt=bounds[1]
    )
    rows = rows.exclude(status=Status.HELD, hold_expires_at__lte=now).exclude(status=Status.EXPIRED)
    return filters.of(rows)
