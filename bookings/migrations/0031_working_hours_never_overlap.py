"""A practitioner's weekly hours never overlap, at whichever location: three functions, the rows made so, the constraint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, time, timedelta
from math import lcm
from typing import NamedTuple

import django.contrib.postgres.constraints
from django.db import migrations, models
from django.utils import timezone

# Two rows of one weekday share a day of the calendar if, and only if, both of the first two functions' values overlap:
# the weeks from the first to the last in which a row holds, counted from Monday, 1 January of year 1, and which of them.
# 840 is the least number that 1 to 8 divide. Week `w` stands at 1024 * (w % 840) + w / 840, so every third week without
# an end is 280 ranges, and nothing need be cut off at a horizon: 1024 * 840 weeks are more than Python's calendar has.
# Of hours of every week it is told only which of 840 weeks they have, in one range or two: between their first week and
# their last each week is theirs, so that whoever has a week of such a turn there, or begins or ends there, meets them.
_WEEKS = """
CREATE FUNCTION first_to_last_week(weekday int, first_day date, last_day date, every int) RETURNS int4range
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH days AS (
        SELECT first_day - date '0001-01-01' AS first, last_day - date '0001-01-01' AS last
    ), weeks AS (
        SELECT first / 7 + CASE WHEN first % 7 >= weekday THEN every ELSE 0 END AS first,
               last / 7 - CASE WHEN last % 7 < weekday - 1 THEN 1 ELSE 0 END AS last
        FROM days
    )
    SELECT CASE WHEN last IS NULL THEN int4range(first, NULL)
                WHEN first <= last THEN int4range(first, last - (last - first) % NULLIF(every, 0), '[]')
                ELSE 'empty' END
    FROM weeks
$$;
CREATE FUNCTION which_weeks(weekday int, first_day date, last_day date, every int) RETURNS int4multirange
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (  -- bound to the other now: an index is built with no search path
    WITH weeks AS (
        SELECT lower(span) AS first, upper(span) - 1 AS last, lower(span) % 840 AS turn,
               COALESCE(LEAST(upper(span) - lower(span), 840), 840) AS number
        FROM first_to_last_week(weekday, first_day, last_day, every) AS span WHERE NOT isempty(span)
    ), every_week AS (
        SELECT int4multirange(
            int4range(1024 * turn, 1024 * LEAST(turn + number, 840)), int4range(0, 1024 * GREATEST(turn + number - 840, 0))
        ) AS found FROM weeks WHERE every = 1
    ), turns AS (
        SELECT turn, (first - turn + 839) / 840 AS lower, COALESCE((last - turn + 840) / 840, 1024) AS upper
        FROM (SELECT first, last, generate_series(first % NULLIF(every, 0), 839, every) AS turn FROM weeks WHERE every > 1)
    )
    SELECT COALESCE(
        (SELECT found FROM every_week),
        (SELECT range_agg(int4range(1024 * turn + lower, 1024 * turn + upper)) FROM turns WHERE lower < upper),
        '{}'
    )
);
CREATE FUNCTION wall_span(starts_at time, ends_at time) RETURNS tsrange LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN starts_at < ends_at THEN tsrange(date '2000-01-01' + starts_at, date '2000-01-01' + ends_at) END
$$;
"""
_NO_WEEKS = "DROP FUNCTION which_weeks; DROP FUNCTION first_to_last_week; DROP FUNCTION wall_span;"
WRITTEN_OUT = timedelta(days=5 * 365)
ONE_DAY = timedelta(days=1)


def part_overlapping_hours(apps, schema_editor):
    """Take from each row what an earlier one has already; the hours of each day stay what they were.

    One thing the rota cannot say: every third week but for every twelfth, as where a row of every third week overlaps one
    of every fourth. Such hours are written out week by week, those without an end for five years from now.
    """
    hours = apps.get_model("bookings", "WorkingHours")
    days = defaultdict(list)
    for row in hours.objects.order_by("pk"):
        days[row.practitioner_id, row.weekday].append(row)
    for rows in days.values():
        _part(rows)
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE", params=None)
    schema_editor.execute("SET CONSTRAINTS ALL DEFERRED", params=None)


def _part(rows):
    kept = []
    for row in rows:
        own = Hours(row.weekday, row.starts_at, row.ends_at, Weeks(row.valid_from, row.valid_until, row.every_weeks))
        left = [own]
        for earlier in kept:
            left = [part for one in left for part in one.without(earlier)]
        kept += left
        if left == [own]:
            continue
        pks = [row.pk] + [None] * len(left)
        row.delete()
        for pk, part in zip(pks, left):
            row.pk, row.starts_at, row.ends_at = pk, part.starts_at, part.ends_at
            row.valid_from, row.valid_until, row.every_weeks = part.weeks
            row.save(force_insert=True)


class Weeks(NamedTuple):
    """From `first_day` to `last_day` (None: without end), every so many weeks from that of `first_day`."""

    first_day: date
    last_day: date | None
    every: int

    def holds_in_week_of(self, day: date) -> bool:
        return (_week(day) - _week(self.first_day)) % self.every == 0

    def cut(self, first: date, last: date | None, turn: int, every: int) -> Weeks | None:
        """Those of `turn` in every so many weeks, from `first` to `last`."""
        first, last = max(first, self.first_day), _earlier(last, self.last_day)
        if ahead := (turn - _week(first)) % every:
            first += timedelta(weeks=ahead, days=-first.weekday())
        return None if last is not None and last < first else Weeks(first, last, every)

    def shared(self, other: Weeks, every: int) -> list[Weeks]:
        return self._in_turns(other, every, _turns(self, every) & _turns(other, every))

    def without(self, other: Weeks, every: int) -> list[Weeks]:
        """What is left where `other` is not, said in turns of `every` weeks."""
        own = _week(self.first_day) % self.every
        found = [self.cut(self.first_day, other.first_day - ONE_DAY, own, self.every)]
        found += self._in_turns(other, every, _turns(self, every) - _turns(other, every))
        if other.last_day is not None:
            found.append(self.cut(other.last_day + ONE_DAY, None, own, self.every))
        return [part for part in found if part]

    def _in_turns(self, other: Weeks, every: int, turns: set[int]) -> list[Weeks]:
        found = [self.cut(other.first_day, other.last_day, turn, every) for turn in sorted(turns)]
        return [part for part in found if part]

    def one_by_one(self) -> Iterator[Weeks]:
        first = self.first_day
        last = self.last_day or max(first, timezone.localdate()) + WRITTEN_OUT
        while first <= last:
            sunday = first + timedelta(days=6 - first.weekday())
            yield Weeks(first, min(sunday, last), 1)
            first = sunday + ONE_DAY + timedelta(weeks=self.every - 1)


class Hours(NamedTuple):
    """On one day of the week (1 is Monday)."""

    weekday: int
    starts_at: time
    ends_at: time
    weeks: Weeks

    @property
    def is_met(self) -> bool:
        """Whether the day of the week comes in these weeks."""
        first, last, every = self.weeks
        day = first + timedelta(days=self.weekday - first.isoweekday())
        day += timedelta(weeks=every if day < first else 0)
        return last is None or day <= last

    def without(self, other: Hours) -> list[Hours]:
        """What is left of these hours where `other` does not hold."""
        if self.ends_at <= other.starts_at or other.ends_at <= self.starts_at:
            return [self]
        every = lcm(self.weeks.every, other.weeks.every)
        shared = self._in(self.weeks.shared(other.weeks, every))
        if not shared:
            return [self]
        left = self._in(self.weeks.without(other.weeks, every))
        left += [part._replace(ends_at=other.starts_at) for part in shared if part.starts_at < other.starts_at]
        left += [part._replace(starts_at=other.ends_at) for part in shared if other.ends_at < part.ends_at]
        return [said for part in left for said in part.said()]

    def said(self) -> list[Hours]:
        """As rows of the rota, which come again after eight weeks at most."""
        return [self] if self.weeks.every <= 8 else self._in(self.weeks.one_by_one())

    def _in(self, some) -> list[Hours]:
        return [part for part in (self._replace(weeks=weeks) for weeks in some) if part.is_met]


def _turns(weeks: Weeks, every: int) -> set[int]:
    return set(range(_week(weeks.first_day) % weeks.every, every, weeks.every))


def _week(day: date) -> int:
    return (day.toordinal() - 1) // 7


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0030_age_said'),
    ]

    operations = [
        migrations.RunSQL(_WEEKS, _NO_WEEKS),
        migrations.RunPython(part_overlapping_hours, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='workinghours',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('practitioner', '='), ('weekday', '='), (models.Func('starts_at', 'ends_at', function='wall_span'), '&&'), (models.Func('weekday', 'valid_from', 'valid_until', 'every_weeks', function='first_to_last_week'), '&&'), (models.Func('weekday', 'valid_from', 'valid_until', 'every_weeks', function='which_weeks'), '&&')], name='working_hours_never_overlap', violation_error_message='There are other hours at this time already.'),
        ),
    ]
