from __future__ import annotations

import pytest
import time_machine

from bookings.desk.feeds import feed_links
from bookings.visits.models import BookingSettings
from tests.bookings.api.conftest import own_cache  # noqa: F401 -- a fixture
from tests.bookings.moments import NOW
from tests.factories.bookings import LocationFactory
from tests.factories.clinic import PractitionerFactory, StaffFactory


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def place(db):
    return LocationFactory(name="Demo rooms", address="1 Example Street\nMaidstone")


@pytest.fixture
def nurse(db):
    return PractitionerFactory(name="Demo Nurse", user=StaffFactory(role="practitioner", name="Demo Nurse"))


@pytest.fixture
def names_allowed(db):
    BookingSettings(pk=1, feeds_may_name_patients=True).save()


@pytest.fixture
def make(nurse):
    """A feed of the nurse's; gives the path of its address."""

    def make_one(detail="times", **values):
        known = {"practitioner": nurse, "name": "Phone", "by": nurse.user, "now": NOW}
        feed = feed_links.make(detail=detail, **known | values)
        return feed_links.address_of(feed).removeprefix("http://testserver")

    return make_one
