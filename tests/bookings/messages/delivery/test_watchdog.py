"""When messages stand still the owner hears of it once, by another way; and once more when they go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bookings import tasks
from bookings.integrations import webhook_queue, webhooks
from bookings.integrations.models import WebhookEndpoint
from bookings.messages.delivery import alert_claims, alerts, queue, watchdog
from bookings.messages.delivery import loop as delivery
from bookings.messages.models import Message
from bookings.messages.models.message import LoopHeartbeat
from bookings.messages.planning import visit_messages
from clinic.sending.outcomes import Sent
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory

NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
OWNER = "owner@example.com"


@pytest.fixture
def _owner(settings, tmp_path):
    settings.ALERT_EMAIL, settings.ALERT_SMS = OWNER, "+447700900456"
    settings.SMS_URL = f"file:{tmp_path / 'sms'}"


@pytest.fixture
def texts(tmp_path):
    return lambda: sorted(file.read_text() for file in (tmp_path / "sms").glob("*.txt"))


def look(now):
    return watchdog.watch(now, alerts.ways())


def overdue(minutes, now=NOW):
    due_at = now - timedelta(minutes=minutes)
    given = {
        "kind": "reminder",
        "channel": "sms",
        "recipient": "+447700900123",
        "patient": PatientFactory(full_name="Jo"),
    }
    return Message.objects.create(key=f"late {minutes}", due_at=due_at, expires_at=NOW + timedelta(days=3), **given)


@pytest.mark.django_db
@pytest.mark.usefixtures("_owner")
class TestTheOwner:
    @pytest.mark.parametrize(("beat_ago", "due_ago"), [(1, 1), (4, None), (None, 4), (None, None)])
    def test_hears_nothing_while_messages_go_out(self, beat_ago, due_ago, texts):
        if beat_ago:
            queue.beat(NOW - timedelta(minutes=beat_ago))
        if due_ago:
            overdue(due_ago)

        assert look(NOW) == "quiet"
        assert (mail.outbox, texts()) == ([], [])

    @pytest.mark.parametrize(("beat_ago", "due_ago"), [(5, None), (0, 6), (None, 6)])
    def test_hears_once_by_each_way(self, beat_ago, due_ago, texts):
        if beat_ago is not None:
            queue.beat(NOW - timedelta(minutes=beat_ago))
        if due_ago:
            overdue(due_ago)

        for minute in range(3):
            look(NOW + timedelta(minutes=minute))

        [letter] = mail.outbox
        [text] = texts()
        assert (letter.to, letter.subject) == ([OWNER], "Messages stand still")
        assert "To: +447700900456" in text
        assert "no messages have gone out since" in text
        assert "Jo" not in text + letter.body

    def test_hears_once_that_they_go_on_and_afresh_the_next_time(self, texts):
        queue.beat(NOW - timedelta(minutes=7))
        look(NOW)
        queue.beat(NOW + timedelta(minutes=3))
        for minute in (3, 4, 5):
            look(NOW + timedelta(minutes=minute))
        look(NOW + timedelta(minutes=20))

        subjects = ["Messages stand still", "Messages go out again", "Messages stand still"]
        assert [letter.subject for letter in mail.outbox] == subjects
        assert len(texts()) == 3
        assert any("go out again, after 10 minutes" in text for text in texts())

    def test_hears_by_the_one_way_when_the_other_fails_and_by_that_when_it_works_again(self, settings, texts, tmp_path):
        queue.beat(NOW - timedelta(minutes=7))
        works, settings.SMS_URL = settings.SMS_URL, "nobody:knows"
        look(NOW)
        assert (len(mail.outbox), texts()) == (1, [])

        settings.SMS_URL = works
        look(NOW + timedelta(minutes=1))
        assert (len(mail.outbox), len(texts())) == (1, 1)

    def test_is_told_by_the_task_and_by_the_command(self):
        with time_machine.travel(NOW, tick=False):
            queue.beat(NOW - timedelta(minutes=7))
            tasks.watch_the_loop()
            call_command("watch_messages")

        assert len(mail.outbox) == 1

    def test_need_not_be_named(self, settings):
        settings.ALERT_EMAIL = settings.ALERT_SMS = ""
        queue.beat(NOW - timedelta(minutes=7))

        assert look(NOW) == "still"
        assert not LoopHeartbeat.objects.filter(name__startswith=alert_claims.ROW).exists()

    def test_heartbeats_of_alerts_are_not_taken_for_the_loop(self):
        queue.beat(NOW - timedelta(minutes=7))
        look(NOW)

        assert queue.heartbeat_age(NOW) == timedelta(minutes=7)


@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_once_tell_once():
    queue.beat(NOW - timedelta(minutes=7))
    told, both = [], threading.Barrier(2)

    def tell(notice):
        time.sleep(0.3)
        told.append(notice)

    def one():
        both.wait()
        watchdog.watch(NOW, {"email": tell})
        connection.close()

    watchers = [threading.Thread(target=one) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join()

    assert len(told) == 1


@pytest.mark.django_db(transaction=True)
class TestNothingIsSentInsideATransaction:
    """C2: what is sent cannot be rolled back, and a slow server must not keep a transaction open."""

    def test_by_a_watcher(self):
        queue.beat(NOW - timedelta(minutes=7))
        inside = []
        for now in (NOW, NOW + timedelta(minutes=3)):
            watchdog.watch(now, {"email": lambda _notice: inside.append(connection.in_atomic_block)})
            queue.beat(NOW + timedelta(minutes=3))

        assert inside == [False, False]

    def test_by_the_loop(self):
        inside = []
        visit = AppointmentFactory(starts_at=NOW + timedelta(days=3))
        visit_messages.plan_booked(visit, NOW)
        delivery.run_once(now=NOW, send=lambda *_: inside.append(connection.in_atomic_block) or Sent("", ""))

        assert inside == [False]

    @pytest.mark.proof
    def test_by_the_webhooks(self):
        inside = []
        WebhookEndpoint.objects.create(
            name="Accounts", url="https://accounts.example/", events=["booking.booked"], created_at=NOW
        )
        webhooks.plan(AppointmentFactory(starts_at=NOW + timedelta(days=3)), WebhookEndpoint.Event.BOOKED, NOW)
        webhook_queue.run_until_done(
            clock=lambda: NOW, post=lambda *_: inside.append(connection.in_atomic_block) or webhook_queue.Answer(200)
        )

        assert inside == [False]


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_a_watcher_that_dies_while_it_tells_is_followed_by_one_that_tells():
    """C2: a claim runs out."""
    queue.beat(NOW - timedelta(minutes=7))
    told = []

    def die(_notice):
        raise SystemExit

    with pytest.raises(SystemExit):
        watchdog.watch(NOW, {"email": die})
    for minutes in (1, 3):
        watchdog.watch(NOW + timedelta(minutes=minutes), {"email": told.append})

    assert [notice.minutes for notice in told] == [10]


@pytest.mark.django_db(transaction=True)
def test_a_watcher_in_a_process_of_its_own_tells_that_no_loop_runs(tmp_path):
    queue.beat(timezone.now() - timedelta(minutes=6))
    at = connection.settings_dict
    password = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{at['USER']}{password}@{at['HOST']}:{at['PORT']}/{at['NAME']}",
        "DATA_DIR": str(tmp_path),
        "EMAIL_URL": f"file:{tmp_path / 'mail'}",
        "ALERT_EMAIL": OWNER,
        "DJANGO_SETTINGS_MODULE": "clinic.settings.dev",
    }
    command = [sys.executable, "manage.py", "watch_messages", "--forever", "--interval", "0.2"]
    watcher = subprocess.Popen(command, env=environment)
    try:
        deadline = time.monotonic() + 60
        while not LoopHeartbeat.objects.filter(name="alert:messages:email").exists() and time.monotonic() < deadline:
            time.sleep(0.2)
        watcher.send_signal(signal.SIGTERM)
        assert watcher.wait(timeout=20) == 0
    finally:
        watcher.kill()

    [letter] = (tmp_path / "mail").iterdir()
    assert "no messages have gone out" in letter.read_text()
