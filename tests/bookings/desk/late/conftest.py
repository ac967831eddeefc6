from datetime import timedelta

import pytest

from bookings.visits.models.statuses import Status
from tests.bookings.moments import at
from tests.bookings.one_nurse import location, nurse, treatment
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory

__all__ = ["location", "nurse", "treatment"]
NOW = at(16, 32)


@pytest.fixture
def over(nurse, treatment):
    """The visit of 16:00 to 16:30 began at 16:12, so it is on until about 16:42."""
    return AppointmentFactory(
        practitioner=nurse,
        treatment=treatment,
        starts_at=at(16),
        status=Status.IN_PROGRESS,
        arrived_at=at(16, 12),
        patient=PatientFactory(full_name="Kit Orr"),
    )


@pytest.fixture
def come(nurse, treatment):
    """Visits of half an hour, one after the other from 16:30 on."""

    def make(*names, **contact):
        return [
            AppointmentFactory(
                practitioner=nurse,
                treatment=treatment,
                starts_at=at(16, 30) + number * timedelta(minutes=30),
                patient=PatientFactory(full_name=name, **contact),
            )
            for number, name in enumerate(names)
        ]

    return make


@pytest.fixture
def desk(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    client.force_login(StaffFactory(role="desk"))
    return client
