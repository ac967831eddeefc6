from datetime import date, datetime

import pytest

from bookings.engine.eligibility import PatientDetails
from clinic.core.clock import LONDON
from tests.factories.bookings import LocationFactory, working_week
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=LONDON)  # a Monday


@pytest.fixture
def treatment(db):
    return TreatmentFactory()


@pytest.fixture
def location(db):
    return LocationFactory()


@pytest.fixture
def nurse(treatment, location):
    """A nurse who works every weekday from nine to five."""
    nurse = PractitionerFactory(offers=[treatment])
    working_week(nurse, location)
    return nurse


def at(hour, minute=0, *, day=2, month=3):
    """A local moment of 2027; 2 March is a Tuesday."""
    return datetime(2027, month, day, hour, minute, tzinfo=LONDON)


def details(n=1, **changes):
    known = {
        "full_name": f"Sam Lee {n}",
        "email": f"sam{n}@example.com",
        "phone": "+447700900123",
        "date_of_birth": date(1990, 2, 28),
    }
    return PatientDetails(**known | changes)
