"""The numbers of a period beside those of the one before: in all, for each practitioner, and day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bookings.desk.numbers.counts import Counts, counts
from bookings.desk.numbers.periods import Period
from bookings.desk.numbers.utilisation import Minutes, minutes
from bookings.visits.models import BookingSettings
from clinic.practitioners.models import Practitioner


@dataclass(frozen=True, slots=True)
class Figures:
    open: int
    booked: int
    counts: Counts

    @property
    def utilisation(self) -> int | None:
        """In whole per cent; None where nobody was to be there."""
        return round(100 * self.booked / self.open) if self.open else None

    @property
    def is_empty(self) -> bool:
        return not self.open and self.counts == Counts()


@dataclass(frozen=True, slots=True)
class Bar:
    """What a bar of the chart stands for: a day, or on a single day a practitioner."""

    label: str
    day: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class Numbers:
    """`people` has each practitioner with this period's figures and the former's."""

    period: Period
    now: Figures
    before: Figures
    people: list[tuple[Practitioner, Figures, Figures]]
    bars: list[Bar]

    @property
    def is_empty(self) -> bool:
        return self.now.is_empty and self.before.is_empty


def numbers(
    *, period: Period, people: Sequence[Practitioner], now: datetime, settings: BookingSettings | None = None
) -> Numbers:
    """Three statements, whatever the people, days and visits; two where the booking rules are at hand."""
    ids = [person.pk for person in people]
    counted = counts(people=ids, period=period)
    found = minutes(
        people=ids,
        first_day=period.before.first,
        last_day=period.last,
        now=now,
        settings=settings or BookingSettings.load(),
    )
    by_person: defaultdict[int, list[Minutes]] = defaultdict(list)
    for one in found:
        by_person[one.practitioner_id].append(one)

    def figures(rows: Iterable[Minutes], whose: int | None, *, is_now: bool) -> Figures:
        mine = [row for row in rows if (row.day >= period.first) is is_now]
        return _sum(mine, counted.get((is_now, whose), Counts()))

    return Numbers(
        period=period,
        now=figures(found, None, is_now=True),
        before=figures(found, None, is_now=False),
        people=[
            (
                person,
                figures(by_person[person.pk], person.pk, is_now=True),
                figures(by_person[person.pk], person.pk, is_now=False),
            )
            for person in people
        ],
        bars=_bars_of_people(people, by_person, period) if period.kind == "day" else _bars_of_days(found, period),
    )


def _bars_of_people(people: Sequence[Practitioner], rows: dict[int, list[Minutes]], period: Period) -> list[Bar]:
    return [
        Bar(person.name, period.first, _sum([row for row in rows[person.pk] if row.day == period.first]))
        for person in people
    ]


def _bars_of_days(rows: Iterable[Minutes], period: Period) -> list[Bar]:
    by_day: defaultdict[date, list[Minutes]] = defaultdict(list)
    for row in rows:
        if row.day >= period.first:
            by_day[row.day].append(row)
    return [Bar(f"{day:%a} {day.day} {day:%b}", day, _sum(by_day[day])) for day in sorted(by_day)]


def _sum(rows: Iterable[Minutes], counted: Counts | None = None) -> Figures:
    kept = list(rows)
    return Figures(sum(row.open for row in kept), sum(row.booked for row in kept), counted or Counts())
