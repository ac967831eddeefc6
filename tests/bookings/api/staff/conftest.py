import pytest

from tests.bookings.api.conftest import staff_booking


@pytest.fixture
def key(secret_for):
    return secret_for("diary:read", "bookings:write")


@pytest.fixture
def reference(ask, key):
    return ask("POST", "staff/bookings", staff_booking(), key=key).json()["reference"]
