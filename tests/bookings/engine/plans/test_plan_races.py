"""A plan that is sent twice at once is done once, and both who sent it are told that it is done."""

import uuid
from datetime import timedelta

import pytest

from bookings.engine.plans import block as blocks
from bookings.engine.plans import extension as extensions
from bookings.engine.plans.block import Block
from bookings.engine.plans.choices import CANCEL
from bookings.engine.plans.extension import Extension
from bookings.timetable.models import TimeOff
from bookings.visits.models import DiaryChange
from tests.bookings.moments import NOW
from tests.bookings.races.track import Track
from tests.factories.bookings import AppointmentFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = 10


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


def test_a_longer_visit_tapped_twice_at_once(track):
    for day in range(1, ROUNDS + 1):
        visit = AppointmentFactory(starts_at=NOW + timedelta(days=day))
        extension = Extension(visit=visit, minutes=visit.minutes + 15)
        asked = {"choices": {}, "by": None, "key": uuid.uuid4(), "now": NOW, "versions": {visit.reference: 1}}

        first, second = track.race(*[lambda it=extension, asked=asked: extensions.do(it, **asked)] * 2)

        assert first == second
        assert DiaryChange.objects.count() == day
