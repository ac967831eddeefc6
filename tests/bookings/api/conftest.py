import json
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache

from bookings.integrations.api_keys import make_key
from bookings.integrations.models import ApiKey
from tests.bookings.moments import NOW, at
from tests.factories.bookings import LocationFactory, working_week
from tests.factories.clinic import PractitionerFactory, StaffFactory, TreatmentFactory


@pytest.fixture
def own_cache(settings):
    """A corner of the cache where nobody else counts."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid4().hex}}
    yield
    cache.delete_pattern("*")


@pytest.fixture
def clinic(db):
    """One treatment, one nurse who works every weekday from nine to five; Monday 1 March 2027, eight o'clock."""
    treatment = TreatmentFactory(slug="first-consultation", name="First consultation", kind="consultation")
    nurse = PractitionerFactory(offers=[treatment], slug="nurse")
    working_week(nurse, LocationFactory(slug="maidstone"))
    with time_machine.travel(NOW, tick=False):
        yield nurse


@pytest.fixture
def secret_for(db):
    """`secret_for("diary:read", …)`: the secret of a new key."""

    def make(*scopes):
        return make_key(name="Website", scopes=scopes or ApiKey.Scope.values, by=StaffFactory(role="owner"), now=NOW)[1]

    return make


@pytest.fixture
def ask(client):
    """`ask("POST", "staff/bookings", {…}, key=secret)`"""

    def send(method, path, body=None, *, key=None, **headers):
        if key:
            headers["Authorization"] = f"Bearer {key}"
        data = json.dumps(body) if body is not None else ""
        return client.generic(method, f"/api/v1/{path}", data, content_type="application/json", headers=headers)

    return send


def booking(n=1, starts_at=None, **changes):
    return {
        "treatment": "first-consultation",
        "practitioner": None,
        "starts_at": (starts_at or at(10)).isoformat(),
        "patient": {
            "full_name": f"Sam Lee {n}",
            "email": f"sam{n}@example.com",
            "phone": f"07700 90{n:04}",
            "date_of_birth": "1990-02-28",
        },
        "note": "",
        "accept_terms": True,
    } | changes


def staff_booking(n=1, starts_at=None, **changes):
    body = booking(n, starts_at, **changes)
    del body["accept_terms"]
    return body
