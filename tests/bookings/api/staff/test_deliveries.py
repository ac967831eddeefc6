"""Webhook deliveries, for a staff key."""

import pytest

from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from tests.bookings.moments import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic")]


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
