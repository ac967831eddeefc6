"""A plan that is sent twice at once is done once, and both who sent it are told that it is done."""

import uuid
from dataclasses import replace
from datetime import time, timedelta
from threading import Event, Thread

import pytest
from django.db import connection, connections

from bookings.engine import booking, changes
from bookings.engine.plans import block as blocks
from bookings.engine.plans import extension as extensions
from bookings.engine.plans import hours
from bookings.engine.plans import plan as plans
from bookings.engine.plans.block import Block
from bookings.engine.plans.choices import CANCEL
from bookings.engine.plans.extension import Extension
from bookings.engine.plans.hours import HoursChange
from bookings.engine.plans.plan import PlanOutOfDate
from bookings.engine.plans.rota_rows import week_mark
from bookings.timetable.edits import AddExtraHours, SetWeek, WeekStretch
from bookings.timetable.models import ExtraHours, Location, TimeOff, WorkingHours
from bookings.timetable.weeks import Weeks
from bookings.visits.models import Appointment, DiaryChange
from bookings.visits.refusals import NotBookable, SlotTaken
from tests.bookings.moments import NOW, at, details
from tests.bookings.races.track import Track
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = 10
PATIENCE = 20  # seconds


@pytest.fixture
def track(transactional_db):
    lanes = Track(2)
    yield lanes
    lanes.close()


@pytest.mark.parametrize("number", [0, 1])
def test_a_block_tapped_twice_at_once(track, number):
    for day in range(1, ROUNDS + 1):
        starts_at = NOW + timedelta(days=day)
        visit = AppointmentFactory(starts_at=starts_at)
        block = Block(practitioner=visit.practitioner, starts_at=starts_at, ends_at=starts_at + timedelta(hours=4))
        if not number:
            visit.delete()
        visits = [visit][:number]
        asked = {"choices": {one.reference: CANCEL for one in visits}, "by": None, "key": uuid.uuid4(), "now": NOW}
        asked["versions"] = {one.reference: one.version for one in visits}

        first, second = track.race(*[lambda block=block, asked=asked: blocks.do(block, **asked)] * 2)

        assert first == second
        assert (DiaryChange.objects.count(), TimeOff.objects.count()) == (day, day)


@pytest.mark.proof
def test_a_longer_visit_tapped_twice_at_once(track):
    for day in range(1, ROUNDS + 1):
        visit = AppointmentFactory(starts_at=NOW + timedelta(days=day))
        extension = Extension(visit=visit, minutes=visit.minutes + 15)
        asked = {"choices": {}, "by": None, "key": uuid.uuid4(), "now": NOW, "versions": {visit.reference: 1}}

        first, second = track.race(*[lambda it=extension, asked=asked: extensions.do(it, **asked)] * 2)

        assert first == second
        assert DiaryChange.objects.count() == day


def week(nurse, place, ends_at):
    """From tomorrow on, each weekday until `ends_at`."""
    first = NOW.date() + timedelta(days=1)
    stretches = tuple(WeekStretch(day, time(9), ends_at, place.pk) for day in range(1, 6))
    return HoursChange(
        practitioner=nurse,
        edit=SetWeek(practitioner_id=nurse.pk, weeks=Weeks(first), stretches=stretches),
        starts_at=NOW + timedelta(hours=16),
        ends_at=None,
        reason="usual week",
        mark=week_mark(nurse.pk),
    )


def doing(change, key=None, **asked):
    """Do it; gives what was refused, too."""
    known = {"now": NOW, "choices": {}, "versions": {}, "by": None, "key": key or uuid.uuid4()}

    def attempt():
        try:
            return hours.do(change, **known | asked)
        except (PlanOutOfDate, NotBookable) as refusal:
            return refusal

    return attempt


def test_hours_tapped_twice_at_once(track):
    for day in range(1, ROUNDS + 1):
        nurse, place, key = PractitionerFactory(), LocationFactory(), uuid.uuid4()
        change = week(nurse, place, time(12))

        first, second = track.race(*[doing(change, key)] * 2)

        assert first == second
        assert DiaryChange.objects.count() == day
        assert WorkingHours.objects.filter(practitioner=nurse).count() == 5


def test_two_change_the_same_week_at_once(track):
    """One is done; the other is told that the hours were changed meanwhile."""
    for _ in range(ROUNDS):
        nurse, place = PractitionerFactory(), LocationFactory()
        working_week(nurse, place)
        changes = [week(nurse, place, time(hour)) for hour in (12, 14)]

        results = track.race(*map(doing, changes))

        assert sorted(type(one).__name__ for one in results) == ["DiaryChange", "PlanOutOfDate"]
        won = results[0] if isinstance(results[0], DiaryChange) else results[1]
        ends = time(12) if won is results[0] else time(14)
        standing = WorkingHours.objects.filter(practitioner=nurse, valid_until=None)
        assert set(standing.values_list("ends_at", flat=True)) == {ends}
        assert standing.count() == 5


@pytest.mark.proof
def test_extra_hours_at_two_locations_at_once(track):
    for _ in range(ROUNDS):
        nurse, starts_at = PractitionerFactory(), NOW + timedelta(days=5)
        changes = [
            HoursChange(
                practitioner=nurse,
                edit=AddExtraHours(
                    practitioner_id=nurse.pk,
                    location_id=LocationFactory().pk,
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(hours=2),
                ),
                starts_at=starts_at,
                ends_at=None,
                reason="extra hours",
            )
            for _ in range(2)
        ]

        results = track.race(*map(doing, changes))

        assert sorted(type(one).__name__ for one in results) == ["DiaryChange", "NotBookable"]
        assert ExtraHours.objects.filter(practitioner=nurse).count() == 1


def test_hours_are_changed_while_someone_books_in_them(track):
    """Whoever is second sees the other: no visit lies outside the hours unseen."""
    for day in range(ROUNDS):
        treatment, place = TreatmentFactory(), LocationFactory()
        nurse = PractitionerFactory(offers=[treatment])
        working_week(nurse, place)
        change = week(nurse, place, time(12))
        afternoon = NOW.replace(hour=15) + timedelta(days=1)

        def book(treatment=treatment, nurse=nurse, at=afternoon, n=day):
            return booking.book(treatment=treatment, practitioner=nurse, starts_at=at, details=details(n), now=NOW)

        changed, booked = track.race(doing(change), book)

        is_booked = isinstance(booked, Appointment)
        assert is_booked == isinstance(changed, PlanOutOfDate)
        assert is_booked or isinstance(booked, SlotTaken)


def look_at_a_block(afternoon):
    return blocks.look(afternoon, now=NOW, choices={})


def look_at_hours(afternoon):
    mornings = week(afternoon.practitioner, Location.objects.get(), time(12))
    return hours.look(replace(mornings, starts_at=afternoon.starts_at), now=NOW, choices={})


@pytest.mark.parametrize("look_at", [look_at_a_block, look_at_hours])
def test_nobody_waits_for_whoever_looks(look_at, visit_at, afternoon, monkeypatch):
    """While a plan is looked at, its very diary is booked, a visit of the plan is moved, and where it would go is taken."""
    asked, other = visit_at(13), visit_at(14)
    goes_to = look_at(afternoon).rows[0].choice.starts_at
    has_tried, may_go_on, seen = Event(), Event(), []
    look_at_row = plans._look_at

    def slowly(visit, *rest):
        row = look_at_row(visit, *rest)
        has_tried.set()
        assert may_go_on.wait(PATIENCE)
        return row

    def look():
        try:
            seen.append(look_at(afternoon))
        finally:
            connections.close_all()

    monkeypatch.setattr(plans, "_look_at", slowly)
    looking = Thread(target=look)
    looking.start()
    try:
        assert has_tried.wait(PATIENCE)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        wanted = {"treatment": other.treatment, "practitioner": other.practitioner, "now": NOW, "by_staff": True}
        booked = booking.book(starts_at=goes_to, details=details(1), **wanted)
        changes.move(appointment=other, starts_at=at(16), now=NOW, by_staff=True)
    finally:
        may_go_on.set()
        looking.join(PATIENCE)
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")

    assert booked.starts_at == goes_to
    assert [row.visit for row in seen[0].rows] == [asked, other]
    assert seen[0].rows[0].choice.starts_at == goes_to
