from datetime import timedelta

import pytest
import time_machine

from bookings.integrations import api_keys
from bookings.integrations.models import ApiKey, WebhookDelivery, WebhookEndpoint
from bookings.visits.models import Appointment
from tests.bookings.api.conftest import booking, staff_booking
from tests.bookings.moments import NOW, at
from tests.factories.bookings import HoldFactory
from tests.factories.clinic import OfferedTreatmentFactory, TreatmentFactory

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


@pytest.fixture
def key(secret_for):
    return secret_for("diary:read", "bookings:write")


@pytest.fixture
def reference(ask, key):
    return ask("POST", "staff/bookings", staff_booking(), key=key).json()["reference"]


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
        with django_assert_num_queries(2):
            ask("GET", "webhooks/deliveries", key=secret)
    with time_machine.travel(NOW + timedelta(seconds=60), tick=False):
        assert used_at() == NOW + timedelta(seconds=60)


def test_the_diary_of_a_day_names_patients_and_true_treatments(ask, clinic, key):
    toxin = TreatmentFactory(slug="toxin", name="Botulinum toxin", is_prescription_only=True, price=None)
    OfferedTreatmentFactory(practitioner=clinic, treatment=toxin)
    ask("POST", "staff/bookings", staff_booking(treatment="toxin", practitioner="nurse"), key=key)
    ask("POST", "staff/bookings", staff_booking(2, at(10, day=3)), key=key)
    HoldFactory(practitioner=clinic, starts_at=at(15))

    found = ask("GET", "diary?day=2027-03-02", key=key).json()

    [visit] = found["visits"]
    assert (found["day"], visit["patient"], visit["treatment_name"], visit["status"], visit["starts_at"]) == (
        "2027-03-02",
        "Sam Lee 1",
        "Botulinum toxin",
        "booked",
        "2027-03-02T10:00:00+00:00",
    )
    assert len(ask("GET", "diary?day=2027-03-02&practitioner=nurse", key=key).json()["visits"]) == 1
    assert ask("GET", "diary?day=2027-03-02&practitioner=nobody", key=key).status_code == 404
    assert ask("GET", "diary", key=key).status_code == 422


@pytest.mark.parametrize("number", [1, 4])
def test_the_diary_takes_the_same_statements_however_full(ask, key, number, django_assert_num_queries):
    for n in range(number):
        ask("POST", "staff/bookings", staff_booking(n, at(9 + n)), key=key)

    with django_assert_num_queries(2):
        assert len(ask("GET", "diary?day=2027-03-02", key=key).json()["visits"]) == number


def test_staff_book_at_any_hour_with_a_named_practitioner(ask, key):
    late = at(22, day=6)

    assert ask("POST", "staff/bookings", staff_booking(1, late), key=key).status_code == 409
    booked = ask("POST", "staff/bookings", staff_booking(1, late, practitioner="nurse"), key=key)
    assert booked.status_code == 201
    assert "visit_url" not in booked.json()
    again = ask("POST", "staff/bookings", staff_booking(2, late, practitioner="nurse"), key=key)
    assert (again.status_code, again.json()["code"]) == (409, "slot_taken")


def test_a_staff_booking_is_idempotent_and_no_public_one(ask, key):
    def post(path, body, key=key):
        return ask("POST", path, body, key=key, **{"Idempotency-Key": "k"})

    first, second = (post("staff/bookings", staff_booking()) for _ in range(2))

    assert (first.status_code, first.json()) == (201, second.json())
    assert Appointment.objects.count() == 1
    assert post("bookings", booking(), None).json()["code"] == "idempotency_key_reused"


def test_staff_move_note_and_cancel_a_visit(ask, key, reference):
    path = f"staff/bookings/{reference}"

    moved = ask("POST", f"{path}/move", {"starts_at": at(19).isoformat(), "version": 1}, key=key)
    assert (moved.status_code, moved.json()["starts_at"], moved.json()["version"]) == (
        200,
        "2027-03-02T19:00:00+00:00",
        2,
    )
    stale = ask("POST", f"{path}/move", {"starts_at": at(11).isoformat(), "version": 1}, key=key)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")

    early = ask("POST", f"{path}/status", {"status": "arrived"}, key=key)
    assert (early.status_code, early.json()["code"]) == (409, "illegal_move")
    with time_machine.travel(at(18), tick=False):
        arrived = ask("POST", f"{path}/status", {"status": "arrived"}, key=key)
    assert arrived.json()["status"] == "arrived"
    wrong = ask("POST", f"{path}/status", {"status": "completed"}, key=key)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "illegal_move")
    assert ask("POST", f"{path}/status", {"status": "cancelled"}, key=key).status_code == 422

    assert ask("DELETE", f"{path}?version=1", key=key).json()["code"] == "stale"
    cancelled = ask("DELETE", path, key=key)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")


def test_deliveries_are_listed_and_replayed(ask, secret_for, key, reference):
    secret = secret_for("webhooks:replay")
    endpoint = WebhookEndpoint.objects.create(
        name="Accounts", url="https://example.com/", events=["booking.cancelled"], created_at=NOW
    )
    ask("DELETE", f"staff/bookings/{reference}", key=key)
    delivery = WebhookDelivery.objects.get()
    path = f"webhooks/deliveries/{delivery.pk}/replay"

    [listed] = ask("GET", "webhooks/deliveries?state=planned", key=secret).json()["deliveries"]
    assert (listed["id"], listed["reference"], listed["event"]) == (str(delivery.pk), reference, "booking.cancelled")
    assert ask("GET", "webhooks/deliveries?state=failed", key=secret).json() == {"deliveries": []}
    assert ask("GET", "webhooks/deliveries?state=lost", key=secret).status_code == 422
    assert ask("POST", path, key=secret).json()["code"] == "not_replayable"

    WebhookDelivery.objects.update(state="failed", attempts=10, error="Answered 500.")
    replayed = ask("POST", path, key=secret)
    assert (replayed.status_code, replayed.json()["state"], replayed.json()["attempts"]) == (200, "planned", 0)

    WebhookDelivery.objects.update(state="failed")
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_active=False)
    assert ask("POST", path, key=secret).status_code == 409
