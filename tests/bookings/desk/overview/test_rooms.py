import pytest
import time_machine

from bookings.visits.models.statuses import Status
from tests.bookings.moments import NOW, at
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.bookings import AppointmentFactory, HoldFactory, RoomFactory
from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rooms(client, nurse, treatment, location):  # noqa: F811
    """`rooms(**params)`: the rooms of Tuesday with the references of the visits in them."""

    def shown(**params):
        page = client.get("/diary/", {"by": "room", "day": "2027-03-02"} | params)
        return [
            (str(one.room.name) if one.room else "", [visit.pk for visit in one.visits])
            for one in page.context["rooms"]
        ]

    with time_machine.travel(NOW, tick=False):
        client.force_login(StaffFactory(role="desk"))
        yield shown


def test_each_room_with_who_is_in_it(rooms, nurse, treatment, location):  # noqa: F811
    one, two = RoomFactory(location=location, name="Blue"), RoomFactory(location=location, name="Green")
    known = {"practitioner": nurse, "treatment": treatment, "location": location}
    late = AppointmentFactory(**known, starts_at=at(11), room=one)
    early = AppointmentFactory(**known, starts_at=at(9), room=one)
    AppointmentFactory(**known, starts_at=at(12), room=two, status=Status.CANCELLED, cancelled_at=NOW)
    HoldFactory(**known, starts_at=at(13), room=two, hold_expires_at=NOW)
    without = AppointmentFactory(**known, starts_at=at(14))

    assert rooms() == [("Blue", [early.pk, late.pk]), ("Green", []), ("", [without.pk])]


def test_a_room_out_of_use_is_shown_while_someone_is_in_it(rooms, nurse, treatment, location):  # noqa: F811
    closed = RoomFactory(location=location, name="Closed", is_active=False)
    assert rooms() == []

    visit = AppointmentFactory(practitioner=nurse, treatment=treatment, location=location, starts_at=at(9), room=closed)
    assert rooms() == [("Closed", [visit.pk])]


def test_the_statements_do_not_grow(rooms, nurse, treatment, location, django_assert_max_num_queries):  # noqa: F811
    for hour in (9, 10, 11):
        AppointmentFactory(
            practitioner=nurse, treatment=treatment, location=location, starts_at=at(hour),
            room=RoomFactory(location=location),
        )  # fmt: skip
    with django_assert_max_num_queries(7):
        rooms()
