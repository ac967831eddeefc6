import pytest

from tests.factories.clinic import StaffFactory


@pytest.fixture
def person(db):
    """Someone at the desk."""
    return StaffFactory(role="desk", name="Dana Desk")


@pytest.fixture
def desk(client, person):
    client.force_login(person)
    return client
