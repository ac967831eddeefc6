"""Which weeks hours hold in: from a day on, perhaps until another, every so many weeks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import lcm

MOST_WEEKS = 8  # between two weeks that are alike, as the database has it
ONE_DAY = timedelta(days=1)


class TooManyWeeks(ValueError):
    """What is left would come again after more weeks than the rota can say."""


def number_of(day: date) -> int:
    """Of the week, from Monday to Sunday."""
    return (day.toordinal() - 1) // 7


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Weeks:
    """From `first_day` to `last_day`, both included (None: without end); every so many weeks from that of `first_day`."""

    first_day: date
    last_day: date | None = None
    every: int = 1

    @property
    def turn(self) -> int:
        """Which of every so many weeks it is."""
        return number_of(self.first_day) % self.every

    def holds_on(self, day: date) -> bool:
        is_within = self.first_day <= day and (self.last_day is None or day <= self.last_day)
        return is_within and number_of(day) % self.every == self.turn

    def next_on(self, weekday: int, day: date) -> date | None:
        """The first such `weekday` (1 is Monday) from `day` on; none if it does not come again."""
        start = monday_of(max(day, self.first_day))
        for week in range(self.every + 1):
            found = start + timedelta(weeks=week, days=weekday - 1)
            if found >= day and self.holds_on(found):
                return found
        return None


def without(weeks: Weeks, taken: Weeks) -> list[Weeks]:
    """What is left of `weeks` where `taken` is not, the earliest first; `weeks` itself if they never meet.

    Raises:
        TooManyWeeks: what is left between comes again after more than eight weeks.
    """
    first = max(weeks.first_day, taken.first_day)
    last = _earlier(weeks.last_day, taken.last_day)
    every = lcm(weeks.every, taken.every)
    turns = {turn for turn in _turns(weeks, every) if last is None or _first_in(first, turn, every) <= last}
    shared = turns & _turns(taken, every)
    if not shared:
        return [weeks]
    left = sorted(turns - shared)
    if left and every > MOST_WEEKS:
        raise TooManyWeeks
    parts = [_part(weeks, weeks.first_day, first - ONE_DAY)]
    parts += [_part(Weeks(_first_in(first, turn, every), last, every), first, last) for turn in left]
    if last is not None and last != weeks.last_day:
        parts.append(_part(weeks, last + ONE_DAY, weeks.last_day))
    return [part for part in parts if part]


def _turns(weeks: Weeks, every: int) -> set[int]:
    return set(range(weeks.turn, every, weeks.every))


def _part(weeks: Weeks, first: date, last: date | None) -> Weeks | None:
    """Those from `first` to `last`, in the same turn; none if no week of them is."""
    start = _first_in(max(first, weeks.first_day), weeks.turn, weeks.every)
    return None if last is not None and last < start else Weeks(start, last, weeks.every)


def _first_in(day: date, turn: int, every: int) -> date:
    """The first day from `day` on in a week whose turn it is."""
    ahead = (turn - number_of(day)) % every
    return day if ahead == 0 else monday_of(day) + timedelta(weeks=ahead)


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)
