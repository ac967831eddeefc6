"""P-B8: an address that looks mistyped is asked about once, beside its box, and one press answers. No script needed."""

import re

import pytest

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.waiting_list.models import WaitingEntry
from tests.bookings.online.flow import DETAILS, MONDAY, TUESDAY_10_15, confirm, hold, send, small_clinic, text
from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db
TYPED = DETAILS | {"email": "anna@gmial.com"}
MEANT = "anna@gmail.com"
WISHES = {"anyway": "yes", "first_day": "2026-11-23", "last_day": "2026-12-23", "weekdays": ["1"], "parts": ["morning"]}
DESK = {"treatment": "peel", "day": "2026-11-24", "at": "10:15", "practitioner": "aisha", "patient": "new"}


@pytest.fixture(autouse=True)
def place(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return small_clinic()


def asks(page):
    shown = text(page)
    assert f"Did you mean {MEANT}?" in shown
    assert "There is a problem" not in shown
    assert 'value="anna@gmial.com"' in shown
    assert 'value="Sam Lee"' in shown
    assert page.status_code == 200
    return page


def address():
    rows = [*Appointment.objects.filter(status=Status.BOOKED), *WaitingEntry.objects.all()]
    assert len(rows) == 1
    return rows[0].patient.email


ANSWERS = [
    ({"email_is": MEANT}, MEANT),
    ({"email_is": "anna@gmial.com"}, "anna@gmial.com"),
    ({"email_seen": "anna@gmial.com"}, "anna@gmial.com"),  # the page's own button once more
]


@pytest.mark.parametrize(("answer", "kept"), ANSWERS)
def test_p_b8_on_the_page(client, answer, kept):
    hold(client)
    asks(send(client, "details", TYPED))
    assert send(client, "details", TYPED | answer).status_code == 302
    confirm(client)
    assert address() == kept


@pytest.mark.parametrize(("answer", "kept"), ANSWERS)
def test_p_b8_in_a_frame(client, answer, kept):
    page = client.get("/embed/?treatment=peel&with=aisha")
    steps = (("when", {"slot": f"{TUESDAY_10_15}|aisha"}), ("details", TYPED), ("details", TYPED | answer))
    for path, data in (*steps, ("check", {"accept_terms": "on"})):
        token = re.search(r'name="token" value="([^"]+)"', page.content.decode()).group(1)
        page = client.post(f"/embed/{path}/", {"token": token, **data})
        if data is TYPED:
            asks(page)
    assert address() == kept


@pytest.mark.parametrize(("answer", "kept"), ANSWERS)
def test_p_b8_on_the_waiting_list(client, answer, kept):
    url = "/waiting/join/?treatment=peel&with=any"
    asks(client.post(url, TYPED | WISHES))
    client.post(url, TYPED | WISHES | answer)
    assert address() == kept


@pytest.mark.parametrize(("answer", "kept"), ANSWERS)
def test_p_b8_at_the_desk(client, answer, kept):
    client.force_login(StaffFactory(role="desk"))
    asks(client.post("/diary/book/", TYPED | DESK | {"do": "book"}))
    do = {} if "email_is" in answer else {"do": "book"}
    client.post("/diary/book/", TYPED | DESK | do | answer)
    assert address() == kept


def test_p_b8_an_address_typed_anew_is_asked_about_anew(client):
    hold(client)
    send(client, "details", TYPED)
    page = send(client, "details", TYPED | {"email": "anna@hotmial.com", "email_seen": "anna@gmial.com"})
    assert "Did you mean anna@hotmail.com?" in text(page)


def test_p_b8_the_answer_stands_while_another_box_is_wrong(client):
    hold(client)
    page = send(client, "details", TYPED | {"email_is": MEANT, "phone": "12"})
    assert f'name="email" value="{MEANT}"' in text(page)
    page = send(client, "details", TYPED | {"email_is": "anna@gmial.com", "phone": "12"})
    assert 'name="email_seen" value="anna@gmial.com"' in text(page)
    assert "Did you mean" not in text(page)


def test_p_b8_a_program_is_never_asked(client):
    person = {
        "full_name": "Anna Lee",
        "email": "anna@gmial.com",
        "phone": "07700 900123",
        "date_of_birth": "1988-03-27",
    }
    visit = {"treatment": "peel", "starts_at": TUESDAY_10_15, "patient": person, "accept_terms": True}
    assert client.post("/api/v1/bookings", visit, content_type="application/json").status_code == 201
