from datetime import UTC, datetime

import pytest
import time_machine

from tests.factories.clinic import StaffFactory


@pytest.fixture
def ten_past_nine():
    with time_machine.travel(datetime(2026, 11, 24, 9, 10, tzinfo=UTC), tick=False):
        yield datetime(2026, 11, 24, 9, 10, tzinfo=UTC)


@pytest.fixture
def person(db):
    """Someone at the desk."""
    return StaffFactory(role="desk", name="Dana Desk")


@pytest.fixture
def desk(client, person):
    client.force_login(person)
    return client
