from __future__ import annotations

from datetime import time

import pytest
import time_machine

from tests.bookings.moments import at
from tests.factories.bookings import AppointmentFactory, LocationFactory, RoomFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory


@pytest.fixture(autouse=True)
def _in_the_evening():
    with time_machine.travel(at(18), tick=False):
        yield


@pytest.fixture
def treatment(db):
    return TreatmentFactory(name="Peel")


@pytest.fixture
def nurse(treatment):
    """Tuesday 2 March 2027, ten to one."""
    person = PractitionerFactory(
        name="Demo Nurse", slug="nurse", offers=[treatment], user=StaffFactory(role="practitioner")
    )
    working_week(person, LocationFactory(), starts_at=time(10), ends_at=time(13))
    return person


@pytest.fixture
def visit(nurse, treatment):
    room = RoomFactory(name="Blue room")
    return AppointmentFactory(
        practitioner=nurse,
        treatment=treatment,
        location=room.location,
        room=room,
        starts_at=at(10, 30),
        patient=PatientFactory(full_name="Joan Whitfield", phone="+447700900123"),
        note="Afraid of needles",
    )


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client
