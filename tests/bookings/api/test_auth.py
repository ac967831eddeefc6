"""Who may do what with a staff key."""

from datetime import timedelta

import pytest
import time_machine

from bookings.integrations import api_keys
from bookings.integrations.models import ApiKey
from tests.bookings.moments import NOW
from tests.factories.clinic import StaffFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic")]
OPERATIONS = [
    ("GET", "diary?day=2027-03-02", "diary:read"),
    ("POST", "staff/bookings", "bookings:write"),
    ("POST", "staff/bookings/4F7K2MXQ/move", "bookings:write"),
    ("DELETE", "staff/bookings/4F7K2MXQ", "bookings:write"),
    ("POST", "staff/bookings/4F7K2MXQ/status", "bookings:write"),
    ("GET", "webhooks/deliveries", "webhooks:replay"),
    ("POST", "webhooks/deliveries/0d4a2b7e-6f0c-4f5e-9a57-6a4a0e3b9c11/replay", "webhooks:replay"),
]


@pytest.mark.parametrize(("method", "path", "scope"), OPERATIONS)
def test_each_operation_wants_a_valid_key_with_its_scope(ask, secret_for, method, path, scope):
    others = [other for other in ApiKey.Scope.values if other != scope]
    revoked = secret_for(scope)
    api_keys.revoke(ApiKey.objects.get(), NOW)

    for secret in (None, revoked, "jck_" + "x" * 43, "x", "jck_" + "x" * 10_000):
        refused = ask(method, path, key=secret)
        assert (refused.status_code, refused.json()["code"]) == (401, "key_missing")
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert refused.headers["Content-Type"] == "application/problem+json"
    lacking = ask(method, path, key=secret_for(*others))
    assert (lacking.status_code, lacking.json()["code"]) == (403, "scope_missing")
    assert scope in lacking.json()["detail"]
    allowed = ask(method, path, key=secret_for(scope))
    assert allowed.status_code in {200, 404, 422}
    for answer in (refused, lacking, allowed):
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("scope", ApiKey.Scope.values)
def test_a_key_may_do_no_more_than_whoever_made_it(ask, scope):
    """Also when they lose a role afterwards: the key of an owner who is one no more opens nothing."""
    owner = StaffFactory(role="owner")
    secret = api_keys.make_key(name="Till", scopes=[scope], by=owner, now=NOW)[1]
    operations = [(method, path) for method, path, asked in OPERATIONS if asked == scope]
    assert {ask(*operation, key=secret).status_code for operation in operations} <= {200, 404, 422}

    owner.groups.clear()

    assert {ask(*operation, key=secret).status_code for operation in operations} == {403}


def test_the_secret_is_kept_nowhere(secret_for):
    secret = secret_for()

    row = ApiKey.objects.values().get()
    assert secret.startswith(row["prefix"])
    assert len(row["prefix"]) == 12
    assert secret not in str(row)
    assert len(secret) >= 43


def test_use_is_noted_once_a_minute(ask, secret_for, django_assert_num_queries):
    secret = secret_for("webhooks:replay")

    def used_at():
        ask("GET", "webhooks/deliveries", key=secret)
        return ApiKey.objects.get().last_used_at

    assert used_at() == NOW
    with time_machine.travel(NOW + timedelta(seconds=59), tick=False):
        assert used_at() == NOW
        with django_assert_num_queries(3):
            ask("GET", "webhooks/deliveries", key=secret)
    with time_machine.travel(NOW + timedelta(seconds=60), tick=False):
        assert used_at() == NOW + timedelta(seconds=60)
