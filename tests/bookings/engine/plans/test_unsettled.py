"""The day's page counts exactly the visits that Lately lists as without a good time."""

from datetime import timedelta

import pytest

from bookings.engine.plans.unsettled import number_unsettled, unsettled
from bookings.timetable.models import Device, Location, Room, TimeOff
from bookings.visits.models import Appointment
from clinic.catalogue.models import DeviceKind
from clinic.practitioners.models import Practitioner
from tests.bookings.moments import NOW
from tests.factories.bookings import AppointmentFactory, RoomFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    """One of three: with a room and a device, with neither, and one that is over."""
    room = RoomFactory()
    device = Device.objects.create(location=room.location, name="Laser", kind=DeviceKind.objects.create(name="Laser"))
    AppointmentFactory(starts_at=NOW - timedelta(days=2))
    AppointmentFactory(starts_at=NOW + timedelta(days=3), room=None)
    return AppointmentFactory(starts_at=NOW + timedelta(days=2), location=room.location, room=room, device=device)


TROUBLES = {
    "none": lambda visit: None,
    "time off": lambda visit: TimeOff.objects.create(practitioner=visit.practitioner, during=visit.during),
    "practitioner": lambda visit: Practitioner.objects.filter(pk=visit.practitioner_id).update(live=False),
    "location": lambda visit: Location.objects.filter(pk=visit.location_id).update(is_active=False),
    "room": lambda visit: Room.objects.filter(pk=visit.room_id).update(is_active=False),
    "device": lambda visit: Device.objects.filter(pk=visit.device_id).update(is_active=False),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_as_many_are_counted_as_are_listed(visit, trouble):
    TROUBLES[trouble](visit)

    listed = list(unsettled(NOW))
    people = Practitioner.objects.annotate(number=number_unsettled(NOW, Appointment.objects.all()))

    assert [one.pk for one in listed] == ([] if trouble == "none" else [visit.pk])
    assert {person.number for person in people} == {len(listed)}
