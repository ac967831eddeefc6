"""What patients write lies nowhere in the clear: not in the database, letters, cache or log; and staff read it all."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from django_redis import get_redis_connection

from bookings.desk.patients import merging
from bookings.integrations.models import WebhookEndpoint
from bookings.messages.models import Message
from bookings.messages.sender import send_message
from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.accounts.rights import Role
from clinic.core.sealing import keyring
from clinic.patients.models import Patient
from tests.bookings.online import flow
from tests.bookings.online.flow import DETAILS, MONDAY, hidden, small_clinic, text
from tests.canaries import found, sealed
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import AccessFactory, PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
WORD = "canary-51e7"
SEALED = {
    ("bookings_appointment", "note"),
    ("bookings_appointmentevent", "note"),
    ("bookings_waitingentry", "note"),
    ("patients_patient", "access_needs"),
    ("patients_patient", "contact_note"),
    ("patients_patientevent", "access_needs"),
    ("patients_patientevent", "contact_note"),
}
LATER = "2026-11-26T11:00:00+00:00"
NEEDED = {
    "first_day": "2026-11-23",
    "last_day": "2026-12-23",
    "weekdays": ["1"],
    "parts": ["morning"],
    "anyway": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def on_monday(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def desk():
    client = Client()
    client.force_login(StaffFactory(role=Role.DESK))
    return client


def test_it_is_found_nowhere(client, desk, mailoutbox, caplog):
    caplog.set_level(logging.INFO)
    place = small_clinic()
    WebhookEndpoint.objects.create(
        name="Till", url="https://till.example/", events=WebhookEndpoint.Event.values, created_at=timezone.now()
    )

    flow.hold(client)
    flow.give_details(client, note=f"{WORD} needles")
    assert WORD in text(client.get("/book/check/", follow=True))
    assert_nothing_lies_in_the_clear()  # on its way, in the session
    flow.confirm(client)
    visit = Appointment.objects.get(status="booked")
    client.post("/waiting/join/?treatment=peel&with=any", DETAILS | NEEDED | {"note": f"{WORD} sooner"})
    book_by_interface(client)
    correct(desk, visit.patient)
    tell_it_oneself(visit.patient)
    merge_into(visit.patient)
    client.post(f"/visit/{visit.reference}/cancel/", {"version": visit.version})

    assert sealed(WORD) == SEALED
    assert_nothing_lies_in_the_clear()
    for message in Message.objects.filter(channel="email"):
        send_message(message, timezone.now())
    assert len(mailoutbox) > 2
    assert not [one for one in mailoutbox if WORD in str(one.message())]
    assert not [key for key in kept_in_the_cache() if WORD.encode() in key]
    assert WORD not in caplog.text
    assert found(WORD) == set()
    assert staff_read_it(desk, visit, place)


def assert_nothing_lies_in_the_clear():
    """What is compressed would not be found by its letters: so each session is sealed, whatever it holds."""
    assert found(WORD) == set()
    assert all(keyring.key_of(row.session_data) for row in Session.objects.all())


def book_by_interface(client):
    person = {
        "full_name": "Ada Hill",
        "email": "ada@example.com",
        "phone": "07700900456",
        "date_of_birth": "1980-02-03",
    }
    body = {"treatment": "peel", "practitioner": "tom", "starts_at": LATER, "patient": person, "accept_terms": True}
    answer = client.post(
        "/api/v1/bookings",
        body | {"note": f"{WORD} by interface"},
        content_type="application/json",
        headers={"Idempotency-Key": "canary"},
    )
    assert answer.status_code == 201, answer.content


def correct(desk, patient):
    address = f"/diary/patients/{patient.reference}/correct/"
    form = desk.get(address).context["form"]
    typed = {box.html_name: box.value() or "" for box in form if box.name != "date_of_birth"} | flow.BIRTHDAY
    answer = desk.post(address, typed | {"access_needs": f"{WORD} ramp", "contact_note": f"{WORD} no calls at work"})
    assert answer.status_code == 302


def tell_it_oneself(patient):
    browser = Client()
    browser.force_login(AccessFactory(patient=patient).user)
    typed = {"phone": DETAILS["phone"], "contact_by": "both", "letter_format": "standard"}
    answer = browser.post(
        "/my/details/", hidden(browser.get("/my/details/")) | typed | {"access_needs": f"{WORD} loop and ramp"}
    )
    assert answer.status_code == 302


def merge_into(patient):
    """What the record lacks comes from another one; each says what was filled in, for a way back."""
    other = PatientFactory(full_name="Samuel Lee", access_needs=f"{WORD} other", contact_note=f"{WORD} other")
    empty = PatientFactory(full_name="Sammy Lee", access_needs="", contact_note="")
    by = User.objects.filter(groups__name=Role.DESK)[0]
    merge = merging.merge(kept=empty, gone=other, by=by, now=timezone.now())
    assert Patient.objects.get(pk=empty.pk).access_needs == f"{WORD} other"
    merging.undo(merge=merge, by=by, now=timezone.now())
    assert Patient.objects.get(pk=empty.pk).contact_note == ""
    merging.merge(kept=patient, gone=empty, by=by, now=timezone.now())


def kept_in_the_cache():
    cache = get_redis_connection("default")
    for key in cache.scan_iter():
        yield bytes(key)
        yield bytes(cache.dump(key) or b"")


def staff_read_it(desk, visit, place):
    visit = AppointmentFactory(
        patient=visit.patient, practitioner=place.aisha, note=f"{WORD} today", starts_at=datetime.fromisoformat(MONDAY)
    )
    wanted = {
        f"/diary/visits/{visit.reference}/": ("today", "loop and ramp", "no calls at work"),
        f"/diary/patients/{visit.patient.reference}/": ("loop and ramp", "no calls at work", "ramp"),
        "/diary/sheet/": ("today", "loop and ramp"),
        "/diary/waiting/": ("sooner",),
    }
    pages = {address: text(desk.get(address)) for address in wanted}
    return all(f"{WORD} {word}" in pages[address] for address, words in wanted.items() for word in words)
