"""What monitors read: numbers, no people, and only for whom it is meant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from bookings.messages.delivery import queue
from bookings.messages.delivery import views_health as health_view
from bookings.messages.models import Message
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-monitor"


def message(key, *, minutes=1, **fields):
    due_at = timezone.now() - timedelta(minutes=minutes)
    given = {"kind": "reminder", "channel": "sms", "recipient": "+447700900123", "patient": PatientFactory(), **fields}
    return Message.objects.create(key=key, due_at=due_at, expires_at=due_at + timedelta(days=3), **given)


def read(client, **headers):
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200
    samples = [one for family in text_string_to_metric_families(response.content.decode()) for one in family.samples]
    labels = ("kind", "channel", "state")
    return {(one.name, *(one.labels[name] for name in labels if one.labels)): one.value for one in samples}


def test_the_queue_in_numbers(client):
    now = timezone.now()
    queue.beat(now - timedelta(seconds=20))
    message("due", minutes=10)
    message("waits", minutes=2, retry_at=now + timedelta(hours=1))
    message("sent", state="sent", sent_at=now)
    message("old", minutes=60 * 25, state="sent", sent_at=now)
    message("mail", channel="email", state="failed")
    message("to come", minutes=-10)

    found = read(client)

    assert found["clinic_messages_last_day", "reminder", "sms", "planned"] == 2
    assert found["clinic_messages_last_day", "reminder", "sms", "sent"] == 1
    assert found["clinic_messages_last_day", "reminder", "email", "failed"] == 1
    assert found["clinic_messages_due",] == 1
    assert 600 <= found["clinic_messages_oldest_overdue_seconds",] < 630
    assert 20 <= found["clinic_messages_heartbeat_age_seconds",] < 50
    assert found["clinic_webhooks_waiting",] == found["clinic_offers_open",] == 0


def test_no_person_is_in_it(client):
    row = message("due", patient=PatientFactory(full_name="Jo Whitfield"), error="550 jo@example.com")

    page = client.get("/metrics").content.decode()

    assert not any(secret in page for secret in ("Jo", "example.com", "7700", str(row.pk)))


def test_two_statements_however_many_messages(client, django_assert_num_queries):
    for number in range(5):
        message(str(number))

    with django_assert_num_queries(2):
        client.get("/metrics")


@pytest.mark.parametrize("header", [None, "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ", "Bearer é"])
def test_with_a_token_set_all_others_find_nothing(client, settings, header):
    settings.METRICS_TOKEN = TOKEN
    headers = {"Authorization": header} if header else {}

    assert client.get("/metrics", headers=headers).status_code == 404
    assert read(client, Authorization=f"Bearer {TOKEN}")


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.9", {}, 404),
        ("172.18.0.4", {}, 404),
        ("", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, 404),
    ],
)
def test_without_a_token_this_machine_alone(client, settings, address, headers, status):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


def test_it_reads_and_never_writes(client):
    assert client.post("/metrics").status_code == 405


def test_readiness_counts_what_waits_and_what_went_wrong(rf, monkeypatch):
    monkeypatch.setattr(health_view.health, "broker", lambda: health_view.health.OK)
    queue.beat(timezone.now())
    message("due")
    message("failed", state="failed")
    message("unknown", state="unknown")
    message("long ago", minutes=60 * 25, state="unknown")

    part = health_view._message_loop()

    assert (part["state"], part["due"], part["failed_last_day"], part["unknown_last_day"]) == ("ok", 1, 1, 1)
