"""The hours of one practitioner, or of the whole clinic, as their page lists them: by day, what is to come first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from django.db.models import Q

from bookings.desk.hours.weeks_shown import ShownWeek, every, weeks_shown
from bookings.desk.plan.rows import time_span
from bookings.timetable.models import ExtraHours, Location, RegularTimeOff, TimeOff, WorkingHours
from clinic.core import clock
from clinic.core.formats import desk_hours, short_day
from clinic.practitioners.models import Practitioner

EXTRA, OFF = "extra", "off"


@dataclass(frozen=True, slots=True)
class Once:
    """Extra hours or time off on certain days. `kind` and `pk` name the row; `is_readers` if it is of this page."""

    kind: str
    pk: int
    starts_at: datetime
    when: str
    what: str
    note: str
    is_readers: bool


@dataclass(frozen=True, slots=True)
class ShownBreak:
    """The same break on one or more weekdays; `rows` as the address that ends it takes them."""

    rows: str
    days: str
    hours: str
    reason: str
    weeks: str
    is_readers: bool


@dataclass(frozen=True, slots=True)
class Timetable:
    weeks: list[ShownWeek]
    breaks: list[ShownBreak]
    once: list[Once]


def timetable(practitioner: Practitioner | None, now: datetime) -> Timetable:
    """From today on; with no practitioner, the breaks and days off of the whole clinic. Five statements."""
    today = clock.today(now)
    names_places = Location.objects.filter(is_active=True).count() > 1
    weeks = list[ShownWeek]()
    extra = list[ExtraHours]()
    whose = Q(practitioner=None)
    if practitioner:
        rows = WorkingHours.objects.filter(practitioner=practitioner).select_related("location")
        weeks = weeks_shown(list(rows.order_by("weekday", "starts_at")), today, names_places=names_places)
        extra = list(
            ExtraHours.objects.filter(practitioner=practitioner, during__endswith__gt=now).select_related("location")
        )
        whose |= Q(practitioner=practitioner)
    off = TimeOff.objects.filter(whose, during__endswith__gt=now)
    once = [_extra(row, names_places=names_places) for row in extra] + [_off(row, practitioner) for row in off]
    pauses = RegularTimeOff.objects.filter(whose).exclude(valid_until__lt=today).order_by("weekday", "starts_at")
    return Timetable(
        weeks, _breaks(pauses, practitioner, today), sorted(once, key=attrgetter("starts_at", "kind", "pk"))
    )


def _extra(row: ExtraHours, *, names_places: bool) -> Once:
    when = time_span(row.during.lower, row.during.upper)
    note = row.location.name if names_places else ""
    return Once(EXTRA, row.pk, row.during.lower, when, "Extra hours", note, is_readers=True)


def _off(row: TimeOff, practitioner: Practitioner | None) -> Once:
    is_own = row.practitioner_id == (practitioner and practitioner.pk)
    what = "Time off" if row.practitioner_id else "The clinic is closed"
    return Once(
        OFF,
        row.pk,
        row.during.lower,
        time_span(row.during.lower, row.during.upper),
        what,
        row.reason,
        is_readers=is_own,
    )


def _breaks(rows: Iterable[RegularTimeOff], practitioner: Practitioner | None, today: date) -> list[ShownBreak]:
    alike = defaultdict(list)
    for row in rows:
        start = max(row.valid_from, today)
        alike[
            row.starts_at, row.ends_at, row.reason, row.practitioner_id, start, row.valid_until, row.weeks.every
        ].append(row)
    return [_break(found, practitioner, today) for _, found in sorted(alike.items(), key=lambda pair: pair[0][0])]


def _break(rows: list[RegularTimeOff], practitioner: Practitioner | None, today: date) -> ShownBreak:
    one = rows[0]
    weeks = [every(one.weeks)] if one.every_weeks > 1 else []
    weeks += [f"from {short_day(one.valid_from)}"] if one.valid_from > today else []
    weeks += [f"until {short_day(one.valid_until)}"] if one.valid_until else []
    return ShownBreak(
        rows=",".join(str(row.pk) for row in rows),
        days=", ".join(row.get_weekday_display() for row in rows),
        hours=desk_hours(one.starts_at, one.ends_at),
        reason=one.reason or "Break",
        weeks=", ".join(weeks).capitalize(),
        is_readers=one.practitioner_id == (practitioner and practitioner.pk),
    )
