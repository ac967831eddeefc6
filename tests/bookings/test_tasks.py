from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from bookings import tasks
from bookings.messages.delivery import queue
from bookings.messages.delivery import views_health as health_view
from bookings.messages.planning import visit_messages
from bookings.visits.models import Appointment, IdempotencyKey
from clinic.running import health
from tests.factories.bookings import AppointmentFactory, HoldFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def booked():
    visit = AppointmentFactory(starts_at=timezone.now() + timedelta(days=5))
    visit_messages.plan_booked(visit, timezone.now())
    return visit


@pytest.mark.parametrize("run", [tasks.send_due_messages, lambda: call_command("send_messages")])
def test_what_is_due_is_sent_and_no_more(run, booked):
    run()
    run()

    assert [message.to for message in mail.outbox] == [[booked.patient.email]]
    assert booked.messages.filter(state="sent").count() == 1


def test_dead_holds_are_released():
    hold = HoldFactory(hold_expires_at=timezone.now() - timedelta(seconds=1))

    tasks.release_dead_holds()

    assert Appointment.objects.get(pk=hold.pk).status == "expired"


def test_keys_are_forgotten_after_seven_days(booked):
    for days in (6, 8):
        created_at = timezone.now() - timedelta(days=days)
        IdempotencyKey.objects.create(key=f"{days}", body_digest=b"", appointment=booked, created_at=created_at)

    tasks.forget_old_keys()

    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["6"]


@pytest.fixture
def readyz(monkeypatch):
    monkeypatch.setattr(health, "broker", lambda: health.OK)

    def get():
        response = health_view.readyz(RequestFactory().get("/readyz"))
        return response.status_code, json.loads(response.content)

    return get


def test_readyz_is_ready_while_the_loop_runs(readyz):
    queue.beat(timezone.now())

    status, body = readyz()

    assert (status, body["status"], set(body["parts"])) == (200, "ok", {"database", "broker", "messages", "field_keys"})


@pytest.mark.parametrize(("beat_ago", "due_ago", "why"), [(None, 0, "silent"), (61, 0, "silent"), (1, 121, "late")])
def test_readyz_fails_when_the_loop_is_silent_or_late(readyz, booked, beat_ago, due_ago, why):
    if beat_ago is not None:
        queue.beat(timezone.now() - timedelta(seconds=beat_ago))
    booked.messages.filter(kind="confirmation").update(due_at=timezone.now() - timedelta(seconds=due_ago))

    status, body = readyz()

    assert status == 503
    assert why in body["parts"]["messages"]["why"]


def test_readyz_names_a_broker_that_is_away_and_tells_no_secret(settings):
    settings.REDIS_URL = "redis://user:hunter2@127.0.0.1:1/0"
    queue.beat(timezone.now())

    response = health_view.readyz(RequestFactory().get("/readyz"))

    assert response.status_code == 503
    assert b'"broker": {"state": "failing"' in response.content
    assert b"hunter2" not in response.content


def test_readyz_answers_soon_while_the_database_is_away(readyz, monkeypatch):
    parameters = connection.get_connection_params() | {"host": "127.0.0.1", "port": 1}
    monkeypatch.setattr(connection, "get_connection_params", lambda: parameters)
    began = time.monotonic()

    status, body = readyz()

    assert (status, body["parts"]["database"]["state"], body["parts"]["messages"]["state"]) == (
        503,
        "failing",
        "unknown",
    )
    assert time.monotonic() - began < 5


@pytest.mark.django_db(transaction=True)
def test_the_real_loop_sends_and_stops_cleanly(booked, tmp_path):
    params = connection.settings_dict
    password = f":{params['PASSWORD']}" if params["PASSWORD"] else ""
    url = f"postgres://{params['USER']}{password}@{params['HOST']}:{params['PORT']}/{params['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": url,
        "DATA_DIR": str(tmp_path),
        "EMAIL_URL": f"file:{tmp_path / 'mail'}",
        "DJANGO_SETTINGS_MODULE": "clinic.settings.dev",
    }
    command = [sys.executable, "manage.py", "send_messages", "--forever", "--interval", "0.2"]
    loop = subprocess.Popen(command, env=environment)
    try:
        deadline = time.monotonic() + 60
        while not booked.messages.filter(state="sent").exists() and time.monotonic() < deadline:
            time.sleep(0.2)
        loop.send_signal(signal.SIGTERM)
        assert loop.wait(timeout=20) == 0
    finally:
        loop.kill()

    [letter] = (tmp_path / "mail").iterdir()
    assert booked.patient.email in letter.read_text()
