"""What a patient types stands in no log and in nothing that Valkey keeps: looked for by words that stand nowhere else."""

from __future__ import annotations

import io
import json
import logging
import re
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from django.core.cache import cache
from django.db import IntegrityError, transaction

from bookings.engine import changes
from bookings.tasks import send_due_messages
from bookings.visits.models import Appointment
from bookings.waiting_list.models import WaitingEntry
from clinic.accounts.models import User
from clinic.core import logs
from clinic.patients.models import Patient, PatientAccess
from tests.bookings.online import flow
from tests.bookings.online.flow import DETAILS, MONDAY, hidden, small_clinic, text
from tests.bookings.waiting_list.test_views import JOIN, WISHES

pytestmark = pytest.mark.django_db
PROJECT = Path(__file__).resolve().parents[2]
NAME, EMAIL, NOTE = "Xanthe Quillfeather", "xanthe.quill@canary.example.com", "zugzwang-note"
SPOKEN = "07700 900987"
BIRTHDAY = {"date_of_birth_day": "13", "date_of_birth_month": "Feb", "date_of_birth_year": "1971"}
TYPED = DETAILS | BIRTHDAY | {"full_name": NAME, "email": EMAIL, "phone": SPOKEN, "note": NOTE}
CANARIES = ("xanthe", "quill", "zugzwang", "7700900987", "7700 900987", "1971-02-13", "1971, 2, 13", "13 feb")


@pytest.fixture(autouse=True)
def place(time_machine, settings):
    time_machine.move_to(MONDAY)
    settings.RATE_LIMITS = True
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid4().hex}}
    yield small_clinic()
    cache.delete_pattern("*")


@pytest.fixture
def written():
    """`written()`: what production would have logged so far."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    made = logs.configuration(as_json=True)["formatters"]["line"]
    handler.setFormatter(made["()"](**{name: value for name, value in made.items() if name != "()"}))
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: stream.getvalue().casefold()
    root.removeHandler(handler)


def kept_by_valkey(address):
    """Every key and value of every kind: the cache, the counters, and Celery's queue."""
    client = redis.Redis.from_url(address)
    reads = {
        b"string": client.get,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1),
        b"hash": client.hgetall,
        b"stream": client.xrange,
    }
    found = [(key, reads[client.type(key)](key)) for key in client.scan_iter("*") if client.type(key) in reads]
    return repr(found).casefold()


def found_in(text_):
    return [canary for canary in CANARIES if canary in text_]


def pass_of(page):
    return re.search(r'name="again" value="([^"]+)"', page.content.decode()).group(1)


def book(client):
    flow.hold(client)
    caught = flow.send(client, "details", TYPED, follow=True)
    flow.send(client, "details", TYPED | {"again": pass_of(caught)})
    flow.confirm(client)
    return Appointment.objects.get(patient__full_name=NAME)


def sign_in_by_code(client, mailoutbox):
    user = User.objects.create(email=EMAIL)
    user.emailaddress_set.create(email=EMAIL, verified=True, primary=True)
    client.post("/accounts/login/code/", {"email": EMAIL})
    send_due_messages()
    code = re.search(r"^[B-Z]{4}-[B-Z]{4}$", mailoutbox[-1].body, re.MULTILINE).group()
    client.post("/accounts/login/code/confirm/", {"code": "BBBB-BBBB"})
    client.post("/accounts/login/code/confirm/", {"code": code})


def test_a_patients_words_stand_in_no_log_and_not_in_valkey(client, written, settings, mailoutbox, place):
    visit = book(client)
    sign_in_by_code(client, mailoutbox)
    client.post("/my/find/", {"full_name": NAME, **BIRTHDAY})
    assert PatientAccess.objects.get().patient == visit.patient
    client.post("/visit/find/", {"email": EMAIL})
    joined = client.post(JOIN, TYPED | WISHES | {"anyway": "yes"})
    client.post(JOIN, TYPED | WISHES | {"anyway": "yes", "again": pass_of(joined)})
    assert WaitingEntry.objects.count() == 1
    page = client.get(f"/visit/{visit.reference}/cancel/", follow=True)
    client.post(f"/visit/{visit.reference}/cancel/", hidden(page))
    client.get(f"/my/?q={EMAIL}")
    client.post("/api/v1/bookings", json.dumps({"patient": {"full_name": NAME, "email": EMAIL}}), "application/json")
    client.get("/diary/")
    send_due_messages()

    assert '"signed in"' in written()  # something is logged
    assert found_in(written()) == []
    assert found_in(kept_by_valkey(settings.REDIS_URL)) == []


def test_a_fault_tells_nobodys_words(client, written, monkeypatch):
    """A refused row with its values; an address that does not work; a message of a library with what was typed."""
    visit = book(client)

    def refuse(**_):
        with transaction.atomic():
            Patient.objects.filter(pk=visit.patient_id).update(
                date_of_birth="1899-02-13", full_name=f"{NAME}\n\nZugzwang"
            )

    monkeypatch.setattr(changes, "cancel", refuse)
    client.raise_request_exception = False
    page = client.get(f"/visit/{visit.reference}/cancel/", follow=True)

    answer = client.post(f"/visit/{visit.reference}/cancel/", hidden(page))

    assert answer.status_code == 500
    assert IntegrityError.__name__.casefold() in written()
    assert "patient_was_born_after_1900" in written()
    assert found_in(written()) == []
    assert found_in(text(answer).casefold()) == []


def test_no_server_of_ours_writes_an_access_log():
    """Addresses, also of networks, would stand there. Caddy writes one where it is told to, granian too."""
    assert not re.search(r"^\s*log\b", (PROJECT / "docs/Caddyfile").read_text(), re.MULTILINE)
    assert "access-log" not in (PROJECT / "Dockerfile").read_text()
