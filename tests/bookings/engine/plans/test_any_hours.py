"""Over random rotas and diaries: a change of hours does what its plan showed, and its undo restores every row."""

from __future__ import annotations

import random
from datetime import date, time, timedelta

import pytest
from django.db import transaction
from hypothesis import event, given
from hypothesis import strategies as st

from bookings.engine.plans import hours
from bookings.engine.plans.hours import HoursChange
from bookings.engine.plans.rota_rows import data_of, week_mark
from bookings.timetable.edits import AddBreak, AddExtraHours, Remove, SetWeek, WeekStretch
from bookings.timetable.models import ExtraHours, Location, RegularTimeOff, TimeOff, WorkingHours
from bookings.timetable.ranges import span
from bookings.timetable.weeks import Weeks
from clinic.core import clock
from tests.bookings.engine.plans.test_any_plan import QUICK, full_day, goes_as_shown
from tests.bookings.moments import NOW, at

pytestmark = pytest.mark.django_db
TODAY = date(2027, 3, 1)
DAYS = [TODAY + timedelta(days=n) for n in range(60)]


def rota():
    return [data_of(model.objects.order_by("pk")) for model in (WorkingHours, ExtraHours, RegularTimeOff, TimeOff)]


def hours_by_day(nurse):
    """What the weekly rows say of each day, counted from the rows one by one."""
    rows = list(WorkingHours.objects.filter(practitioner=nurse))
    return {
        day: sorted(
            (row.starts_at, row.ends_at) for row in rows if row.weekday == day.isoweekday() and row.weeks.holds_on(day)
        )
        for day in DAYS
    }


def some_weeks(rnd):
    first = rnd.choice(DAYS[:5] if rnd.random() < 0.5 else DAYS[:2])
    last = rnd.choice([None, first + timedelta(days=rnd.randint(0, 30))])
    return Weeks(first, last, rnd.choice([1, 1, 2, 4]))


def some_edit(rnd, nurse):
    place = Location.objects.first()
    kind = rnd.choice(["week", "week", "week", "break", "extra", "remove"])
    if kind == "week":
        opens, closes = time(rnd.randint(8, 11)), time(rnd.randint(12, 16))
        days = rnd.sample(range(1, 8), rnd.randint(0, 6))
        stretches = tuple(WeekStretch(day, opens, closes, place.pk) for day in sorted(days))
        return SetWeek(practitioner_id=nurse.pk, weeks=some_weeks(rnd), stretches=stretches)
    if kind == "break":
        weekdays = tuple(rnd.sample(range(1, 8), 4))
        lunch = {"starts_at": time(12), "ends_at": time(13), "reason": "Lunch"}
        return AddBreak(practitioner_id=nurse.pk, weekdays=weekdays, weeks=some_weeks(rnd), **lunch)
    if kind == "extra":
        starts_at = at(rnd.randint(17, 19))
        ends_at = starts_at + timedelta(hours=2)
        return AddExtraHours(practitioner_id=nurse.pk, location_id=place.pk, starts_at=starts_at, ends_at=ends_at)
    row = ExtraHours.objects.create(practitioner=nurse, location=place, during=span(at(15), at(19)))
    return Remove(model=ExtraHours, row=row.pk, now=NOW)


def some_change(rnd, nurse):
    edit = some_edit(rnd, nurse)
    weeks = getattr(edit, "weeks", None)
    return HoursChange(
        practitioner=nurse,
        edit=edit,
        starts_at=clock.day_bounds(weeks.first_day)[0] if weeks else NOW,
        ends_at=clock.day_bounds(weeks.last_day)[1] if weeks and weeks.last_day else None,
        reason="a change",
        mark=week_mark(nurse.pk),
    )


@QUICK
@given(seed=st.integers(0, 2**32))
def test_changed_hours(seed):
    with transaction.atomic():
        rnd = random.Random(seed)
        nurse = rnd.choice(full_day(rnd))
        change = some_change(rnd, nurse)
        before = rota()
        hits = goes_as_shown(
            lambda choices: hours.look(change, now=NOW, choices=choices), lambda **how: hours.do(change, **how), rnd
        )
        assert rota() == before
        event(f"{min(hits, 3)} in the way")
        transaction.set_rollback(True)


@QUICK
@given(seed=st.integers(0, 2**32))
def test_one_week_after_another(seed):
    """Each day has the hours of the last change that holds on it."""
    with transaction.atomic():
        rnd = random.Random(seed)
        nurse = full_day(rnd)[0]
        expected = hours_by_day(nurse)
        for _ in range(4):
            edit = some_edit(rnd, nurse)
            if isinstance(edit, SetWeek):
                hours.rota_rows.write(edit.rewritten())
                expected |= {
                    day: [(one.starts_at, one.ends_at) for one in edit.stretches if one.weekday == day.isoweekday()]
                    for day in DAYS
                    if edit.weeks.holds_on(day)
                }
        assert hours_by_day(nurse) == expected
        transaction.set_rollback(True)


def test_such_changes_have_someone_in_the_way():
    """Else the first would say nothing."""
    hits = 0
    for seed in range(12):
        with transaction.atomic():
            rnd = random.Random(seed)
            nurse = full_day(rnd)[0]
            hits += hours.look(some_change(rnd, nurse), now=NOW, choices={}).hits
            transaction.set_rollback(True)
    assert hits >= 6
