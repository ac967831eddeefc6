"""Failed and doubtful messages, sent once more by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from bookings import tasks
from bookings.messages.models import Message
from bookings.messages.planning import visit_messages
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


@pytest.fixture
def failed():
    """A confirmation to an address that was wrong."""
    visit = AppointmentFactory(patient=PatientFactory(full_name="Jo Whitfield", email="jo@exmaple.com"))
    [row] = visit_messages.plan_booked(visit, NOW, rules=[])
    Message.objects.filter(pk=row.pk).update(state="failed", error="550 no such mailbox", attempts=1)
    row.refresh_from_db()
    return row


def send_again(client, message, **values):
    return client.post(reverse("bookings:message_again", args=[message.pk]), values)


def page(client, message):
    return client.get(reverse("bookings:message", args=[message.pk])).content.decode()


def test_a_failed_message_goes_once_more_to_the_address_of_today(desk, failed):
    failed.patient.email = "jo@example.com"
    failed.patient.save()
    assert "Send again" in page(desk, failed)

    response = send_again(desk, failed)
    tasks.send_due_messages()

    new = Message.objects.get(key=f"{failed.key}:again-1")
    assert response["Location"] == reverse("bookings:message", args=[new.pk])
    assert (new.state, new.recipient) == ("sent", "jo@example.com")
    assert [letter.to for letter in mail.outbox] == [["jo@example.com"]]
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_twice_pressed_is_once_sent_and_what_failed_again_may_go_again(desk, failed):
    send_again(desk, failed)
    assert send_again(desk, failed).status_code == 409
    Message.objects.filter(key=f"{failed.key}:again-1").update(state="failed")

    assert send_again(desk, failed).status_code == 409
    assert send_again(desk, Message.objects.get(key=f"{failed.key}:again-1")).status_code == 302
    assert set(Message.objects.values_list("key", flat=True)) == {
        failed.key,
        f"{failed.key}:again-1",
        f"{failed.key}:again-2",
    }


def test_what_may_have_arrived_goes_again_only_when_someone_asked(desk, failed):
    Message.objects.filter(pk=failed.pk).update(state="unknown", channel="sms")
    assert 'name="did_not_arrive"' in page(desk, failed)

    refused = send_again(desk, failed)
    assert refused.status_code == 409
    assert "Tick that it did not arrive" in refused.content.decode()
    assert Message.objects.count() == 1

    assert send_again(desk, failed, did_not_arrive="yes").status_code == 302
    assert Message.objects.get(key__endswith=":again-1").recipient == failed.patient.phone.as_e164


@pytest.mark.parametrize("change", [{"state": "sent", "sent_at": NOW}, {"state": "planned"}, {"state": "withdrawn"}])
def test_nothing_else_can_be_sent_again(desk, failed, change):
    Message.objects.filter(pk=failed.pk).update(**change)

    assert "Send again" not in page(desk, failed)
    assert send_again(desk, failed).status_code == 409
    assert Message.objects.count() == 1


def test_what_is_of_no_use_any_more_is_not_sent_again(desk, failed):
    Message.objects.filter(pk=failed.pk).update(due_at=NOW - timedelta(days=1), expires_at=NOW)

    assert "Send again" not in page(desk, failed)
    assert send_again(desk, failed).status_code == 409


def test_a_visit_cancelled_since_is_not_confirmed_again(desk, failed):
    failed.appointment.status, failed.appointment.cancelled_at = "cancelled", NOW
    failed.appointment.save()

    send_again(desk, failed)
    tasks.send_due_messages()

    assert Message.objects.get(key__endswith=":again-1").state == "withdrawn"
    assert mail.outbox == []


def test_only_diary_staff_may(client, failed):
    assert send_again(client, failed).status_code == 302
    for user in (UserFactory(), StaffFactory(role="editor")):
        client.force_login(user)
        assert send_again(client, failed).status_code == 403
    assert Message.objects.count() == 1


def test_a_look_changes_nothing(desk, failed):
    assert desk.get(reverse("bookings:message_again", args=[failed.pk])).status_code == 405


def test_the_visit_shows_each_message_with_its_words_and_its_fate(desk, failed):
    Message.objects.filter(pk=failed.pk).update(subject="Your visit", body="See you <soon>")

    shown = desk.get(reverse("bookings:diary_visit", args=[failed.appointment.reference])).content.decode()

    for text in ("Your visit", "See you &lt;soon&gt;", "Failed", "550 no such mailbox"):
        assert text in shown
