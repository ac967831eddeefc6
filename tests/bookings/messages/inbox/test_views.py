from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from bookings.messages.models import Message
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
URL = "/diary/messages/"


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


@pytest.fixture
def jo():
    return PatientFactory(full_name="Jo Whitfield", email="jo@example.com")


def message(key, patient=None, **fields):
    due_at = fields.pop("due_at", NOW)
    given = {"kind": "confirmation", "channel": "email", "recipient": "jo@example.com", **fields}
    return Message.objects.create(
        key=key, patient=patient, due_at=due_at, expires_at=due_at + timedelta(days=1), **given
    )


def keys(response):
    return [row.key for row in response.context["page"]]


def test_only_diary_staff_see_messages(client, jo):
    sent = message("a", jo)
    for url in (URL, reverse("bookings:message", args=[sent.pk])):
        client.logout()
        assert client.get(url).status_code == 302
        for user in (UserFactory(), StaffFactory(role="editor")):
            client.force_login(user)
            assert client.get(url).status_code == 403


def test_what_is_due_shows_at_once_and_what_is_to_come_waits_in_its_tab(desk, jo):
    message("sent", jo, state="sent", sent_at=NOW - timedelta(hours=1), due_at=NOW - timedelta(hours=1))
    message("due", jo)
    message("later", jo, due_at=NOW + timedelta(days=2))
    message("soon", jo, due_at=NOW + timedelta(days=1))
    message("lost", jo, state="unknown", due_at=NOW - timedelta(days=1))

    assert keys(desk.get(URL)) == ["due", "sent", "lost"]
    assert keys(desk.get(URL, {"tab": "planned"})) == ["soon", "later"]
    check = desk.get(URL, {"tab": "check"})
    assert (keys(check), check.context["to_check"]) == (["lost"], 1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "whitfield"}, ["jo"]),
        ({"q": "sam@"}, ["sam"]),
        ({"q": "  "}, ["sam", "jo"]),
        ({"state": "failed"}, ["sam"]),
        ({"day": "2026-11-23"}, ["jo"]),
        ({"day": "2026-11-24", "q": "jo"}, []),
        ({"day": "soon", "state": "lost"}, ["sam", "jo"]),
        ({"page": "99"}, ["sam", "jo"]),
    ],
)
def test_messages_are_found_by_day_state_and_word(desk, jo, query, found):
    message("jo", jo, state="sent", sent_at=NOW - timedelta(hours=12), due_at=NOW - timedelta(days=2))
    message("sam", recipient="sam@example.com", state="failed")

    assert keys(desk.get(URL, query)) == found


def test_fifty_stand_on_a_page(desk, jo):
    for number in range(51):
        message(str(number), jo)

    page = desk.get(URL, {"q": "jo"})

    assert len(keys(page)) == 50
    assert "?q=jo&amp;page=2" in page.content.decode()
    assert len(keys(desk.get(URL, {"q": "jo", "page": "2"}))) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_statements_however_long(desk, number, django_assert_num_queries):
    for one in range(number):
        message(str(one), PatientFactory())
    desk.get(URL)

    with django_assert_num_queries(9):
        desk.get(URL)


def test_a_sent_message_is_shown_as_it_was_sent_and_leads_to_its_visit(desk, jo):
    visit = AppointmentFactory(patient=jo)
    sent = message(
        "a", jo, appointment=visit, state="sent", sent_at=NOW, subject="Your visit", body="See you <soon>", attempts=1
    )

    page = desk.get(reverse("bookings:message", args=[sent.pk])).content.decode()

    for text in ("Your visit", "See you &lt;soon&gt;", "jo@example.com", visit.reference, "9:10:00"):
        assert text in page


def test_a_message_to_come_says_when(desk, jo):
    planned = message("a", jo, due_at=NOW + timedelta(days=1))

    page = desk.get(reverse("bookings:message", args=[planned.pk])).content.decode()

    assert "This will be sent Wednesday 25 November at 9:10" in page


def test_a_failed_message_says_what_went_wrong(desk, jo):
    failed = message("a", jo, state="failed", error="550 no such mailbox", attempts=5)

    page = desk.get(reverse("bookings:message", args=[failed.pk])).content.decode()

    assert "550 no such mailbox" in page
    assert "reach the patient another way" in page
