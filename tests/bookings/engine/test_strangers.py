"""C1: who only types a patient's name, address and birthday changes nothing of the record, whichever door they take."""

import re
from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.forms.models import model_to_dict
from django.test import Client

from bookings.engine.series.follow_ups import book_follow_up
from bookings.messages.models import Message
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.waiting_list import answers, lapsing
from bookings.waiting_list.models import WaitingEntry
from clinic.core import clock
from clinic.patients.models import Patient
from tests.bookings.online.flow import DETAILS, MONDAY, TUESDAY_10_15, confirm, hold, send, small_clinic, text
from tests.factories.bookings import AppointmentFactory, HoldFactory
from tests.factories.clinic import AccessFactory, PatientFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
TYPED = DETAILS | {"phone": "07700 900999", "contact_by": "sms", "note": "Typed", "marketing_opt_in": "on"}
TYPED_SHOWN = "+447700900999|sms"
WISHES = {"anyway": "yes", "first_day": "2026-11-23", "last_day": "2026-12-23", "weekdays": ["1"], "parts": ["morning"]}


@pytest.fixture(autouse=True)
def place(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return small_clinic()


@pytest.fixture
def sam():
    return PatientFactory(
        full_name="Sam Lee",
        email="sam@example.com",
        phone="+447700900123",
        date_of_birth="1988-03-27",
        contact_by="email",
        letter_format="large_print",
    )


def by_page(client):
    hold(client)
    send(client, "details", TYPED)
    confirm(client)


def by_frame(client):
    page = client.get("/embed/?treatment=peel&with=aisha")
    steps = (("when", {"slot": f"{TUESDAY_10_15}|aisha"}), ("details", TYPED), ("check", {"accept_terms": "on"}))
    for path, data in steps:
        token = re.search(r'name="token" value="([^"]+)"', page.content.decode()).group(1)
        page = client.post(f"/embed/{path}/", {"token": token, **data})


def by_interface(client):
    person = {"full_name": "SAM  LEE", "email": "Sam@Example.com", "phone": TYPED["phone"]}
    visit = {
        "treatment": "peel",
        "starts_at": TUESDAY_10_15,
        "patient": person | {"date_of_birth": "1988-03-27"},
        "note": "Typed",
        "accept_terms": True,
        "marketing_opt_in": True,
    }
    assert client.post("/api/v1/bookings", visit, content_type="application/json").status_code == 201


def by_series(client):
    person = {"full_name": "Sam Lee", "email": "sam@example.com", "phone": TYPED["phone"]}
    visits = {
        "treatment": "peel",
        "starts_at": [TUESDAY_10_15, "2026-11-25T10:15:00+00:00"],
        "patient": person | {"date_of_birth": "1988-03-27"},
        "accept_terms": True,
        "marketing_opt_in": True,
    }
    assert client.post("/api/v1/bookings/series", visits, content_type="application/json").status_code == 201


def by_waiting_list(client):
    client.post("/waiting/join/?treatment=peel&with=any", TYPED | WISHES)


DOORS = [by_page, by_frame, by_interface, by_series, by_waiting_list]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_c1_a_stranger_changes_nothing_of_the_record(sam, door):
    before = model_to_dict(Patient.objects.get())
    door(Client())
    assert model_to_dict(Patient.objects.get()) == before
    rows = [*Appointment.objects.filter(status=Status.BOOKED), *WaitingEntry.objects.all()]
    assert rows
    for row in rows:
        assert (row.patient, row.is_unproven, str(row.typed_phone)) == (sam, True, "+447700900999")
    assert not Message.objects.filter(recipient="+447700900999").exists()


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_c1_someone_new_is_taken_at_their_word(door):
    door(Client())
    person = Patient.objects.get()
    assert str(person.phone) == "+447700900999"
    assert not Appointment.objects.filter(is_unproven=True).exists()


def test_c1_the_page_of_a_strangers_visit_does_not_lead_to_the_patients_choices(sam, client):
    by_page(client)
    visit = Appointment.objects.get()
    page = client.get(f"/visit/{visit.reference}/")
    assert page.status_code == 200
    assert "/preferences/" not in page.content.decode()


def test_c1_a_link_from_the_interface_does_not_either(sam, client):
    by_interface(Client())
    link = f"/visit/{Appointment.objects.get().link_token}/"
    assert "/preferences/" not in client.get(link, follow=True).content.decode()


def test_c1_what_follows_a_strangers_visit_is_a_strangers_too(sam, client, place):
    place.peel.follow_up, place.peel.follow_up_after_days = place.peel, 7
    place.peel.save()
    by_page(client)
    first = Appointment.objects.get()
    at = first.starts_at + timedelta(days=7)
    book_follow_up(visit=first, starts_at=at, now=clock.now(), practitioner=place.aisha)
    assert Appointment.objects.filter(is_unproven=True).count() == 2


def test_c1_who_has_signed_in_to_that_record_brings_the_record_up_to_date(sam, client):
    client.force_login(AccessFactory(patient=sam).user)
    by_page(client)
    sam.refresh_from_db()
    assert (str(sam.phone), sam.contact_by) == ("+447700900999", "sms")
    assert sam.marketing_opted_in_at
    assert "/preferences/" in client.get(f"/visit/{Appointment.objects.get().reference}/").content.decode()


@pytest.mark.parametrize("is_verified", [True, False])
def test_c1_an_address_alone_proves_nothing(sam, client, is_verified):
    """A family shares it."""
    user = UserFactory(email="sam@example.com")
    EmailAddress.objects.create(user=user, email="sam@example.com", verified=is_verified, primary=True)
    client.force_login(user)
    by_page(client)
    sam.refresh_from_db()
    assert str(sam.phone) == "+447700900123"


def test_c1_who_opened_a_visit_of_theirs_brings_the_record_up_to_date(sam, client, place):
    earlier = AppointmentFactory(patient=sam, treatment=place.peel)
    client.get(f"/visit/{earlier.link_token}/")
    by_page(client)
    sam.refresh_from_db()
    assert str(sam.phone) == "+447700900999"


def test_c1_a_strangers_own_visit_proves_nothing_for_the_next(sam, client):
    by_page(client)
    hold(client, at="2026-11-24T12:15:00+00:00")
    send(client, "details", TYPED)
    confirm(client)
    assert Appointment.objects.filter(status=Status.BOOKED, is_unproven=True).count() == 2
    sam.refresh_from_db()
    assert str(sam.phone) == "+447700900123"


def test_c1_a_stranger_does_not_change_what_suits_someone_who_waits(sam, client, time_machine):
    by_waiting_list(Client())
    before = WaitingEntry.objects.values().get()
    time_machine.shift(300)
    page = client.post("/waiting/join/?treatment=peel&with=any", TYPED | WISHES | {"parts": ["evening"], "note": "No"})
    assert "You are on the list already" in text(page)
    assert WaitingEntry.objects.values().get() == before


def test_c1_a_strangers_visit_takes_neither_her_place_on_the_list_nor_her_own_bookings(sam, place):
    """Sam waits, signed in; strangers book twice in Sam's name."""
    own = Client()
    own.force_login(AccessFactory(patient=sam).user)
    by_waiting_list(own)
    for at in (TUESDAY_10_15, TUESDAY_10_15.replace("10:15", "12:15")):
        stranger = Client()
        hold(stranger, at=at)
        send(stranger, "details", TYPED)
        confirm(stranger)
    lapsing.lapse(clock.now())

    assert WaitingEntry.objects.get().state == WaitingEntry.State.WAITING
    hold(own, at=TUESDAY_10_15.replace("10:15", "15:15"))
    send(own, "details", TYPED)
    confirm(own)
    lapsing.lapse(clock.now())
    assert Appointment.objects.filter(status=Status.BOOKED, is_unproven=False).count() == 1
    assert WaitingEntry.objects.get().state == WaitingEntry.State.BOOKED


def test_c1_what_was_typed_on_the_list_stays_with_the_visit(sam, place):
    by_waiting_list(Client())
    now, starts_at = clock.now(), datetime.fromisoformat(TUESDAY_10_15)
    hold = HoldFactory(treatment=place.peel, practitioner=place.aisha, location=place.location, starts_at=starts_at)
    offer = WaitingEntry.objects.get().offers.create(
        appointment=hold,
        practitioner=place.aisha,
        starts_at=starts_at,
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
    visit = answers.take(offer, now)
    assert (visit.is_unproven, str(visit.typed_phone), visit.typed_contact_by) == (True, "+447700900999", "sms")
    sam.refresh_from_db()
    assert str(sam.phone) == "+447700900123"


@pytest.fixture
def desk():
    client = Client()
    client.force_login(StaffFactory(role="desk"))
    return client


def test_c1_staff_see_what_was_typed_and_take_it_over(sam, desk):
    by_page(Client())
    visit = Appointment.objects.get()
    page = text(desk.get(f"/diary/visits/{visit.reference}/"))
    assert "07700 900999" in page
    assert "reminders by text message" in page
    desk.post(f"/diary/visits/{visit.reference}/typed/", {"do": "accept", "shown": TYPED_SHOWN})
    sam.refresh_from_db()
    visit.refresh_from_db()
    assert (str(sam.phone), sam.contact_by) == ("+447700900999", "sms")
    assert (visit.is_unproven, visit.typed_phone, visit.typed_contact_by) == (False, "", "")


def test_c1_an_old_page_takes_over_nothing_that_was_dealt_with(sam, desk):
    """F1: one member of staff lets it go, another has the page open still."""
    by_page(Client())
    address = f"/diary/visits/{Appointment.objects.get().reference}/"
    assert f'name="shown" value="{TYPED_SHOWN}"' in text(desk.get(address))
    said = [
        text(desk.post(f"{address}typed/", {"do": do, "shown": TYPED_SHOWN}, follow=True))
        for do in ("dismiss", "accept", "dismiss")
    ]

    sam.refresh_from_db()
    assert str(sam.phone) == "+447700900123"
    assert "The record stays as it was." in said[0]
    assert all("this was dealt with, or changed, meanwhile" in one for one in said[1:])


def test_c1_staff_let_what_was_typed_go(sam, desk):
    by_page(Client())
    visit = Appointment.objects.get()
    desk.post(f"/diary/visits/{visit.reference}/typed/", {"do": "dismiss", "shown": TYPED_SHOWN})
    sam.refresh_from_db()
    visit.refresh_from_db()
    assert str(sam.phone) == "+447700900123"
    assert (visit.is_unproven, visit.typed_phone) == (True, "")
    assert "Gave other details" not in text(desk.get(f"/diary/visits/{visit.reference}/"))


def test_c1_only_staff_judge_what_was_typed(sam, client):
    by_page(client)
    visit = Appointment.objects.get()
    assert client.post(f"/diary/visits/{visit.reference}/typed/", {"do": "accept"}).status_code in {302, 403}
    sam.refresh_from_db()
    assert str(sam.phone) == "+447700900123"


def test_c1_the_desk_says_nothing_of_how_to_write_to_someone_it_knows(sam, desk):
    """MSG-02: who wants e-mails only gets no texts because their record was typed anew."""
    assert '<option value="" selected>As on their record' in desk.get("/diary/book/").content.decode()
    visit = {"do": "book", "treatment": "peel", "day": "2026-11-24", "at": "10:15", "practitioner": "aisha"}
    desk.post("/diary/book/", DETAILS | visit | {"patient": "new", "contact_by": ""})

    sam.refresh_from_db()
    assert (Appointment.objects.get().patient, sam.contact_by) == (sam, "email")


def test_c1_the_desk_brings_the_record_up_to_date(sam, desk):
    visit = {"do": "book", "treatment": "peel", "day": "2026-11-24", "at": "10:15", "practitioner": "aisha"}
    desk.post("/diary/book/", TYPED | visit | {"patient": "new"})
    sam.refresh_from_db()
    assert (str(sam.phone), Appointment.objects.get().is_unproven) == ("+447700900999", False)
