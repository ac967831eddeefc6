"""Changes of the rota, each worked out as the rows that go and those that come in their place. They write nothing."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Protocol

from django.db import models

from bookings.timetable.models import ExtraHours, RegularTimeOff, TimeOff, WorkingHours
from bookings.timetable.models.hours import Weekly
from bookings.timetable.ranges import span
from bookings.timetable.weeks import Weeks, without


@dataclass(slots=True)
class Rewritten:
    """Rows that go as they are, and rows that come; a row that only changes is in both, with the same key."""

    gone: list[models.Model] = field(default_factory=list)
    come: list[models.Model] = field(default_factory=list)


class Edit(Protocol):
    def rewritten(self) -> Rewritten:
        """
        Raises:
            TooManyWeeks: see `weeks.without`. RowIsGone: what was to be changed is no longer there.
        """


class RowIsGone(LookupError):
    """What was to be changed is no longer there."""


@dataclass(frozen=True, slots=True, order=True)
class WeekStretch:
    """Hours on one day of a week (1 is Monday), local wall time."""

    weekday: int
    starts_at: time
    ends_at: time
    location_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWeek:
    """In `weeks` the practitioner works these hours, in place of any others."""

    practitioner_id: int
    weeks: Weeks
    stretches: tuple[WeekStretch, ...]

    def rewritten(self) -> Rewritten:
        result = Rewritten()
        for row in WorkingHours.objects.filter(practitioner=self.practitioner_id).order_by("pk"):
            _take_out(result, row, self.weeks)
        for one in self.stretches:
            if self.weeks.next_on(one.weekday, self.weeks.first_day):
                row = WorkingHours(
                    practitioner_id=self.practitioner_id,
                    location_id=one.location_id,
                    weekday=one.weekday,
                    starts_at=one.starts_at,
                    ends_at=one.ends_at,
                )
                row.weeks = self.weeks
                result.come.append(row)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class AddExtraHours:
    practitioner_id: int
    location_id: int
    starts_at: datetime
    ends_at: datetime

    def rewritten(self) -> Rewritten:
        during = span(self.starts_at, self.ends_at)
        row = ExtraHours(practitioner_id=self.practitioner_id, location_id=self.location_id, during=during)
        return Rewritten(come=[row])


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBreak:
    """A break on these weekdays; with no practitioner, for the whole clinic."""

    practitioner_id: int | None
    weekdays: tuple[int, ...]
    starts_at: time
    ends_at: time
    reason: str
    weeks: Weeks

    def rewritten(self) -> Rewritten:
        result = Rewritten()
        for weekday in self.weekdays:
            if self.weeks.next_on(weekday, self.weeks.first_day):
                row = RegularTimeOff(
                    practitioner_id=self.practitioner_id,
                    weekday=weekday,
                    starts_at=self.starts_at,
                    ends_at=self.ends_at,
                    reason=self.reason,
                )
                row.weeks = self.weeks
                result.come.append(row)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class EndBreak:
    """These breaks are no more from `first_day` on."""

    rows: tuple[int, ...]
    first_day: date

    def rewritten(self) -> Rewritten:
        result = Rewritten()
        rows = list(RegularTimeOff.objects.filter(pk__in=self.rows).order_by("pk"))
        if len(rows) < len(set(self.rows)):
            raise RowIsGone
        for row in rows:
            _take_out(result, row, Weeks(self.first_day))
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBreak:
    """In place of these rows from the first day of `to` on."""

    rows: tuple[int, ...]
    to: AddBreak

    def rewritten(self) -> Rewritten:
        ended = EndBreak(rows=self.rows, first_day=self.to.weeks.first_day).rewritten()
        return Rewritten(gone=ended.gone, come=[*ended.come, *self.to.rewritten().come])


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Take away this row of extra hours or time off, but for what of it lies before `now`."""

    model: type[ExtraHours] | type[TimeOff]
    row: int
    now: datetime

    def rewritten(self) -> Rewritten:
        row = self.model.objects.filter(pk=self.row).first()
        if row is None:
            raise RowIsGone
        result = Rewritten(gone=[row])
        if row.during.lower < self.now:
            past = copy.copy(row)
            past.during = span(row.during.lower, min(self.now, row.during.upper))
            result.come.append(past)
        return result


def _take_out(result: Rewritten, row: Weekly, taken: Weeks) -> None:
    """Cut `row` where `taken` holds; the first part that is left keeps its key."""
    weekday_is_met = taken.next_on(row.weekday, max(taken.first_day, row.valid_from))
    parts = without(row.weeks, taken)
    if parts == [row.weeks] or not weekday_is_met:
        return
    result.gone.append(row)
    for part in parts:
        if part.next_on(row.weekday, part.first_day):
            left = copy.copy(row)
            left.weeks = part
            if any(other.pk == row.pk for other in result.come if type(other) is type(row)):
                left.pk = None
            result.come.append(left)
