from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from bookings import tasks
from bookings.integrations import replays, webhook_http, webhook_queue, webhooks
from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from bookings.integrations.webhook_http import is_public, post, sign
from bookings.integrations.webhook_queue import LEASE, Answer, Outcome, Unreachable
from bookings.visits.models import Appointment
from tests.bookings.api.conftest import booking
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import TreatmentFactory

pytestmark = pytest.mark.django_db
Event = WebhookEndpoint.Event
PAGE = (Path(__file__).parents[3] / "docs/api.md").read_text()


def receiver_of_the_page():
    """The example of docs/api.md, as someone would copy it."""
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names = {}
    exec(code, names)  # noqa: S102 -- our own page
    return names["verify"]


class Receiver:
    """A real server on this machine: answers with what it was told, else 204; keeps what came."""

    def __init__(self):
        self.answers, self.came, self.at_once, self.most_at_once = [], [], 0, 0
        self.lock, self.on_request = threading.Lock(), lambda handler: None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    receiver.came.append((dict(self.headers), body))
                    receiver.at_once += 1
                    receiver.most_at_once = max(receiver.most_at_once, receiver.at_once)
                    status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                receiver.on_request(self)
                with receiver.lock:
                    receiver.at_once -= 1
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?from=clinic"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def ids(self):
        return [headers["webhook-id"] for headers, _body in self.came]


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def listening(url, *events, **values):
    values = {"name": "Accounts", "created_at": NOW} | values
    return WebhookEndpoint.objects.create(url=url, events=list(events or Event.values), **values)


@pytest.fixture
def endpoint(receiver):
    return listening(receiver.url)


@pytest.fixture
def delivery(endpoint):
    webhooks.plan(AppointmentFactory(starts_at=at(10)), Event.BOOKED, NOW)
    return WebhookDelivery.objects.get()


def run(now=NOW):
    return webhook_queue.run_until_done(clock=lambda: now, post=post)


# --- planning


def test_planning_is_one_statement_whoever_listens(django_assert_num_queries):
    visit = Appointment.objects.get(pk=AppointmentFactory().pk)
    with django_assert_num_queries(1):
        webhooks.plan(visit, Event.BOOKED, NOW)
    listening("https://a.example/")
    listening("https://b.example/", Event.MOVED)
    listening("https://c.example/", is_active=False)
    for _ in range(2):  # told once
        with django_assert_num_queries(1):
            webhooks.plan(visit, Event.BOOKED, NOW)

    assert [row.endpoint.url for row in WebhookDelivery.objects.all()] == ["https://a.example/"]


def test_the_payload_tells_the_visit_and_nothing_of_the_patient():
    listening("https://a.example/")
    visit = AppointmentFactory(starts_at=at(10, day=29), note="A secret")

    webhooks.plan(visit, Event.MOVED, NOW)

    payload = WebhookDelivery.objects.get().payload
    assert payload == {
        "type": "booking.moved",
        "timestamp": NOW.isoformat(),
        "data": {
            "reference": visit.reference,
            "version": 1,
            "status": "booked",
            "starts_at": "2027-03-29T10:00:00+01:00",
            "ends_at": "2027-03-29T10:30:00+01:00",
            "practitioner": visit.practitioner.slug,
            "location": visit.location.slug,
            "treatment": visit.treatment.slug,
        },
    }
    for private in (visit.patient.full_name, visit.patient.email, "secret", str(visit.patient.phone)):
        assert private not in json.dumps(payload)


@pytest.mark.parametrize(("rules", "shown"), [("uk", None), ("warn", None), ("off", "toxin")])
def test_a_prescription_only_medicine_is_named_only_where_the_law_allows(settings, rules, shown):
    settings.ADVERTISING_RULES = rules
    listening("https://a.example/")
    toxin = TreatmentFactory(slug="toxin", is_prescription_only=True, price=None)

    webhooks.plan(AppointmentFactory(treatment=toxin), Event.BOOKED, NOW)

    assert WebhookDelivery.objects.get().payload["data"]["treatment"] == shown


def test_booking_moving_and_cancelling_are_told_in_their_own_transaction(ask, clinic):
    listening("https://a.example/")
    answer = ask("POST", "bookings", booking())
    link = f"bookings/{answer.json()['visit_url'].rstrip('/').rsplit('/', 1)[1]}"
    ask("POST", f"{link}/move", {"starts_at": at(12).isoformat()})
    ask("DELETE", link)

    rows = WebhookDelivery.objects.order_by("appointment_version")
    assert [(row.event, row.appointment_version, row.payload["data"]["status"]) for row in rows] == [
        ("booking.booked", 1, "booked"),
        ("booking.moved", 2, "booked"),
        ("booking.cancelled", 3, "cancelled"),
    ]
    with transaction.atomic():
        ask("POST", "bookings", booking(2))
        transaction.set_rollback(True)
    assert WebhookDelivery.objects.count() == 3


# --- sending


def test_a_delivery_is_signed_so_that_the_pages_example_verifies_it(receiver, endpoint):
    now = timezone.now()
    webhooks.plan(AppointmentFactory(), Event.BOOKED, now)

    assert run(now) == Counter({Outcome.DELIVERED: 1})
    [(headers, body)] = receiver.came
    headers = {name.lower(): value for name, value in headers.items()}
    verify = receiver_of_the_page()
    assert verify(endpoint.secret, headers, body)
    assert not verify(endpoint.secret, headers, body + b" ")
    assert not verify(listening("https://b.example/").secret, headers, body)
    old = str(int(now.timestamp()) - 600)
    forged = headers | {"webhook-timestamp": old, "webhook-signature": sign(endpoint.secret, "x", int(old), body)}
    assert not verify(endpoint.secret, forged, body)
    row = WebhookDelivery.objects.get()
    assert (row.state, row.answered_status, row.delivered_at, row.attempts) == ("delivered", 204, now, 1)
    assert headers["webhook-id"] == str(row.pk)
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == row.payload


def test_the_signature_is_that_of_the_specification():
    """The example that the reference libraries of Standard Webhooks test themselves with."""
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_after_a_failure_it_is_sent_again_with_the_same_id_and_bytes(receiver, delivery):
    receiver.answers = [(500, {})]

    assert run() == Counter({Outcome.AGAIN: 1})
    assert run(NOW + timedelta(seconds=4)) == Counter()
    assert run(NOW + timedelta(seconds=5)) == Counter({Outcome.DELIVERED: 1})
    assert receiver.ids == [str(delivery.pk)] * 2
    assert receiver.came[0][1] == receiver.came[1][1]


def test_pauses_grow_to_a_day_then_it_is_given_up(delivery):
    now, pauses = NOW, []
    while (delivery.refresh_from_db() or delivery.state) == "planned" and len(pauses) < 20:
        webhook_queue.run_once(clock=lambda at=now: at, post=lambda *_: Answer(500))
        delivery.refresh_from_db()
        pauses.append(int((delivery.due_at - now).total_seconds()))
        now = delivery.due_at

    assert pauses == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400, 0]
    assert (delivery.state, delivery.attempts, delivery.error) == ("failed", 10, "Answered 500.")


@pytest.mark.parametrize(
    ("status", "written", "seconds"),
    [
        (429, "120", 120),
        (503, "Mon, 01 Mar 2027 08:10:00 GMT", 600),
        (503, "9999999999999999999999", 86400),
        (503, "soon", 5),
        (429, "-5", 5),
        (500, "120", 5),
        (302, "120", 5),
    ],
)
def test_a_wish_to_be_left_alone_is_obeyed(receiver, delivery, status, written, seconds):
    receiver.answers = [(status, {"Retry-After": written, "Location": receiver.url})]

    run()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.due_at - NOW) == ("planned", timedelta(seconds=seconds))
    assert len(receiver.came) == 1  # a redirect is an answer, not followed


def test_gone_switches_the_address_off(receiver, endpoint, delivery):
    webhooks.plan(AppointmentFactory(), Event.BOOKED, NOW + timedelta(minutes=1))
    receiver.answers = [(410, {})]

    run()

    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"failed"}
    webhooks.plan(AppointmentFactory(), Event.BOOKED, NOW)
    assert WebhookDelivery.objects.count() == 2


def test_a_slow_answer_is_a_failure(receiver, delivery, monkeypatch):
    monkeypatch.setattr(webhook_http, "TIMEOUT", 0.2)
    receiver.on_request = lambda handler: time.sleep(1)

    assert run() == Counter({Outcome.AGAIN: 1})
    delivery.refresh_from_db()
    assert delivery.error == "No answer in time."


def test_a_byte_now_and_then_does_not_hold_the_loop_up(receiver, delivery, monkeypatch):
    monkeypatch.setattr(webhook_http, "DEADLINE", 0.5)

    def drip(handler):
        for _ in range(40):
            handler.wfile.write(b"H")
            handler.wfile.flush()
            time.sleep(0.1)

    receiver.on_request = drip
    began = time.monotonic()

    assert run() == Counter({Outcome.AGAIN: 1})
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://no-such-host.invalid/", "http://[::1]:1/", "http:///"])
def test_an_address_that_does_not_answer_is_tried_again(url):
    listening(url)
    webhooks.plan(AppointmentFactory(), Event.BOOKED, NOW)

    assert run() == Counter({Outcome.AGAIN: 1})
    assert WebhookDelivery.objects.get().error


def test_an_address_that_is_away_costs_the_others_nothing(receiver, endpoint):
    listening("http://127.0.0.1:1/", name="Away")
    for _ in range(4):
        webhooks.plan(AppointmentFactory(), Event.BOOKED, NOW)

    counts = run()

    assert counts[Outcome.DELIVERED] == 4
    assert (counts[Outcome.AGAIN], counts[Outcome.PUT_BACK]) == (1, 3)
    assert sorted(WebhookDelivery.objects.filter(state="planned").values_list("attempts", flat=True)) == [0, 0, 0, 1]


def test_however_much_waits_for_an_address_that_is_away_it_is_tried_once_a_round(receiver, endpoint):
    away = listening("http://127.0.0.1:1/", name="Away")
    visit = AppointmentFactory()
    for version in range(1, 26):
        visit.version = version
        webhooks.plan(visit, Event.MOVED, NOW + timedelta(seconds=version))
    now = NOW + timedelta(minutes=1)

    run(now)

    rows = WebhookDelivery.objects.filter(endpoint=away, state="planned")
    assert sorted(rows.values_list("attempts", flat=True)) == [0] * 24 + [1]
    assert set(rows.values_list("due_at", flat=True)) == {now + timedelta(seconds=5)}
    assert [json.loads(body)["data"]["version"] for _headers, body in receiver.came] == list(range(1, 26))
    assert run(now) == Counter()


def test_in_production_only_public_addresses_are_called(receiver, settings):
    settings.WEBHOOKS_MAY_GO_ANYWHERE = False
    port = receiver.server.server_port
    for url in (receiver.url, f"https://127.0.0.1:{port}/", f"https://localhost:{port}/", f"https://[::1]:{port}/"):
        listening(url)
    webhooks.plan(AppointmentFactory(), Event.BOOKED, NOW)

    for row in WebhookDelivery.objects.select_related("endpoint"):
        with pytest.raises(Unreachable, match=r"https|not public"):
            post(row, NOW)
    assert receiver.came == []


def test_the_address_that_was_checked_is_the_one_that_is_called(receiver, settings, monkeypatch):
    """A name may resolve to something public first and to this machine a moment later."""
    settings.WEBHOOKS_MAY_GO_ANYWHERE = False
    asked, called = [], []

    def resolve(host, port, **kwargs):
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address, timeout):
        called.append(address)
        raise ConnectionRefusedError("enough")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    listening("https://rebinding.example/")
    webhooks.plan(AppointmentFactory(), Event.BOOKED, NOW)

    with pytest.raises(Unreachable):
        post(WebhookDelivery.objects.select_related("endpoint").get(), NOW)
    assert (asked, called) == (["rebinding.example"], [("93.184.215.14", 443)])


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 -- nothing listens there
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_what_counts_as_public(address, verdict):
    assert is_public(address) is verdict


# --- the queue


def test_nothing_due_costs_one_statement(delivery, django_assert_num_queries):
    run()

    with django_assert_num_queries(1):
        run()


@pytest.mark.parametrize("replayed_from", ["delivered", "failed"])
def test_a_replay_is_the_same_id_and_the_same_bytes(receiver, delivery, replayed_from):
    run()
    WebhookDelivery.objects.update(state=replayed_from, attempts=10)
    delivery.refresh_from_db()
    much_later = NOW + timedelta(days=60)

    replays.replay(delivery, much_later)
    assert run(much_later) == Counter({Outcome.DELIVERED: 1})

    (first, one), (second, other) = receiver.came
    assert (one, first["webhook-id"]) == (other, second["webhook-id"])
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    delivery.refresh_from_db()
    assert delivery.attempts == 1


def test_what_is_on_its_way_or_switched_off_is_not_replayed(endpoint, delivery):
    with pytest.raises(replays.NotReplayable, match="on its way"):
        replays.replay(delivery, NOW)
    replays.switch_off(endpoint)
    delivery = WebhookDelivery.objects.select_related("endpoint").get()
    with pytest.raises(replays.NotReplayable, match="switched off"):
        replays.replay(delivery, NOW)


def test_a_loop_that_was_overtaken_marks_nothing(delivery):
    [taken] = webhook_queue.claim(now=NOW)
    [again] = webhook_queue.claim(now=NOW + LEASE)

    assert webhook_queue.deliver(taken, now=NOW, post=lambda *_: Answer(500)) == Outcome.OVERTAKEN
    assert webhook_queue.deliver(again, now=NOW, post=lambda *_: Answer(200)) == Outcome.DELIVERED


def test_a_fault_of_our_own_stops_nobody_else(delivery):
    def broken(*_):
        raise ZeroDivisionError

    assert webhook_queue.run_once(clock=lambda: NOW, post=broken) == Counter({Outcome.AGAIN: 1})


def test_what_is_over_is_forgotten_after_90_days(delivery):
    later = NOW + timedelta(days=91)
    assert replays.forget_old_deliveries(later) == 0
    run()
    assert replays.forget_old_deliveries(NOW + timedelta(days=89)) == 0
    assert replays.forget_old_deliveries(later) == 1


def test_the_task_sends(receiver, delivery):
    WebhookDelivery.objects.update(due_at=timezone.now())
    tasks.send_due_webhooks()

    assert receiver.ids == [str(delivery.pk)]


@pytest.mark.django_db(transaction=True)
def test_two_loops_never_send_one_delivery_at_once(receiver):
    for number in range(2):
        listening(receiver.url, name=str(number))
    for _ in range(15):
        webhooks.plan(AppointmentFactory(), Event.BOOKED, NOW)
    receiver.on_request = lambda handler: time.sleep(0.02)

    def loop():
        try:
            run()
        finally:
            connections.close_all()

    loops = [threading.Thread(target=loop) for _ in range(3)]
    for one in loops:
        one.start()
    for one in loops:
        one.join()

    assert set(Counter(receiver.ids).values()) == {1}
    assert len(receiver.ids) == 30
    assert receiver.most_at_once > 1
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"delivered"}


@pytest.mark.django_db(transaction=True)
def test_killed_between_sent_and_marked_it_is_sent_again_under_the_same_id(receiver, delivery, tmp_path):
    params = connection.settings_dict
    password = f":{params['PASSWORD']}" if params["PASSWORD"] else ""
    url = f"postgres://{params['USER']}{password}@{params['HOST']}:{params['PORT']}/{params['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1/0",  # the loop needs none, and one started for it would outlive it
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "clinic.settings.dev",
    }
    WebhookDelivery.objects.update(due_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1))
    command = [sys.executable, "manage.py", "send_messages", "--forever", "--interval", "0.2"]
    loop = subprocess.Popen(command, env=environment)
    receiver.on_request = lambda handler: loop.send_signal(signal.SIGKILL)
    try:
        assert loop.wait(timeout=60) == -signal.SIGKILL
    finally:
        loop.kill()
    receiver.on_request = lambda handler: None

    assert WebhookDelivery.objects.get().state == "leased"
    assert run(timezone.now()) == Counter()
    assert run(timezone.now() + LEASE) == Counter({Outcome.DELIVERED: 1})
    assert receiver.ids == [str(delivery.pk)] * 2
    assert receiver.came[0][1] == receiver.came[1][1]


@pytest.mark.parametrize("rows", [0, 1, 1000])
def test_no_plan_takes_more_than_asked_for(delivery, rows):
    """A subquery that locks may be run again for each row of a nested loop, and takes other rows then."""
    for version in range(2, 6):
        delivery.pk, delivery.appointment_version = uuid.uuid4(), version
        delivery.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = %s, relpages = 1 WHERE oid = 'bookings_webhookdelivery'::regclass", [rows]
        )
        cursor.execute("SET LOCAL enable_hashjoin = off")

    assert len(webhook_queue.claim(now=delivery.due_at, limit=2)) == 2
