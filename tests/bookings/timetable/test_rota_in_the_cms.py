"""The owner's pages for the rota, in Wagtail's admin."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from tests.factories.bookings import WorkingHoursFactory
from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    client.force_login(StaffFactory(is_superuser=True))
    return client


@pytest.mark.parametrize(
    "name", ["workinghours", "extrahours", "timeoff", "regulartimeoff", "location", "room", "device"]
)
def test_every_page_of_the_rota_opens(owner, name):
    WorkingHoursFactory()

    for action in ("list", "add"):
        assert owner.get(reverse(f"wagtailsnippets_bookings_{name}:{action}")).status_code == 200


def test_time_off_is_typed_and_listed_on_the_clinics_wall_clock(owner):
    url = reverse("wagtailsnippets_bookings_timeoff:add")

    response = owner.post(
        url, {"practitioner": "", "during_0": "2027-06-01 09:00", "during_1": "2027-06-01 12:00", "reason": "Training"}
    )

    assert response.status_code == 302
    saved = TimeOff.objects.get()
    assert saved.during == span(datetime(2027, 6, 1, 8, tzinfo=UTC), datetime(2027, 6, 1, 11, tzinfo=UTC))
    assert (
        "Tue 1 Jun 2027 09:00 to 12:00" in owner.get(reverse("wagtailsnippets_bookings_timeoff:list")).content.decode()
    )


def test_time_off_that_ends_before_it_starts_is_refused(owner):
    url = reverse("wagtailsnippets_bookings_timeoff:add")

    response = owner.post(url, {"during_0": "2027-06-01 12:00", "during_1": "2027-06-01 09:00", "reason": ""})

    assert response.status_code == 200
    assert not TimeOff.objects.exists()
