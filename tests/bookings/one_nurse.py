"""Fixtures: one treatment, one location, and the nurse who gives it there. A package's conftest.py imports them."""

from __future__ import annotations

import pytest

from tests.factories.bookings import LocationFactory, working_week
from tests.factories.clinic import PractitionerFactory, TreatmentFactory


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
