from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from bookings.engine import changes
from bookings.messages.models import Message
from bookings.messages.planning import visit_messages
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from tests.bookings.online.flow import MONDAY, hidden, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_monday(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def visit():
    """Wednesday 25 November, 10:15, with Aisha."""
    place = small_clinic()
    return AppointmentFactory(
        starts_at=datetime.fromisoformat("2026-11-25T10:15:00+00:00"),
        practitioner=place.aisha,
        treatment=place.peel,
        location=place.location,
        patient=PatientFactory(full_name="Sam Lee", email="sam@example.com"),
    )


@pytest.fixture
def opened(client, visit):
    """A browser that followed the link in a reminder."""
    client.get(f"/visit/{visit.link_token}/coming/")
    return client


def address(visit):
    return f"/visit/{visit.reference}/coming/"


def status():
    return Appointment.objects.values_list("status", "version").get()


def test_the_link_of_a_reminder_swaps_its_secret_and_confirms_nothing(client, visit):
    response = client.get(f"/visit/{visit.link_token}/coming/")

    assert response.headers["Location"] == address(visit)
    assert response.headers["Referrer-Policy"] == "no-referrer"
    page = text(client.get(address(visit)))
    assert "Are you coming?" in page
    assert "Wednesday 25 November, 10:15am" in page
    assert "Gentle peel" not in page
    assert status() == (Status.BOOKED, 1)


def test_one_button_confirms(opened, visit):
    response = opened.post(address(visit), hidden(opened.get(address(visit))))

    assert response.headers["Location"] == address(visit)
    assert "Thank you. We look forward to seeing you" in text(opened.get(address(visit)))
    assert status() == (Status.CONFIRMED, 2)


def test_twice_is_once(opened, visit):
    form = hidden(opened.get(address(visit)))
    answers = [opened.post(address(visit), form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]

    assert status() == (Status.CONFIRMED, 2)


def test_needs_the_token_of_the_form(visit):
    strict = Client(enforce_csrf_checks=True)
    strict.get(f"/visit/{visit.link_token}/coming/")

    assert strict.post(address(visit)).status_code == 403
    assert status() == (Status.BOOKED, 1)


def test_a_reminder_still_goes_out_after_it(opened, visit):
    visit_messages.plan_booked(visit, visit.starts_at - timedelta(days=10))
    opened.post(address(visit), hidden(opened.get(address(visit))))

    assert visit.messages.filter(kind="reminder", state="planned").exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_browser_may_not(opened, visit, method):
    assert getattr(Client(), method)(address(visit)).status_code == 404
    assert status() == (Status.BOOKED, 1)


@pytest.mark.parametrize("token", ["a" * 43, "short"])
def test_a_wrong_link_opens_nothing(client, visit, token):
    assert client.get(f"/visit/{token}/coming/").status_code == 404


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-11-25T10:15:00Z", "There is nothing to confirm any more"),
        ("2026-11-25T18:00:00Z", "There is nothing to confirm any more"),
    ],
)
def test_once_it_has_begun_there_is_nothing_to_confirm(opened, visit, time_machine, now, words):
    time_machine.move_to(now, tick=False)
    response = opened.post(address(visit), hidden(opened.get(address(visit))))

    assert (response.status_code, status()) == (409, (Status.BOOKED, 1))
    assert words in text(response)
    assert words in text(opened.get(address(visit)))


def test_a_cancelled_visit_says_so_kindly(opened, visit):
    Appointment.objects.update(status=Status.CANCELLED, cancelled_at=visit.created_at)

    for response in (opened.get(address(visit)), opened.post(address(visit), hidden(opened.get(address(visit))))):
        assert "This visit is cancelled" in text(response)
        assert "Yes, I’m coming" not in text(response)
    assert status() == (Status.CANCELLED, 1)


@pytest.mark.parametrize("is_now", [Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED, Status.NO_SHOW])
def test_what_staff_have_noted_stays(opened, visit, is_now):
    Appointment.objects.update(status=is_now)

    assert opened.post(address(visit), hidden(opened.get(address(visit)))).status_code == 409
    assert status() == (is_now, 1)


def reminded(visit, **values):
    return Message.objects.create(
        key=f"reminder-{values}",
        kind="reminder",
        channel="email",
        appointment=visit,
        patient=visit.patient,
        recipient="sam@example.com",
        due_at=visit.starts_at - timedelta(hours=48),
        **{"expires_at": visit.starts_at, "state": "sent", "sent_at": visit.starts_at - timedelta(hours=48)} | values,
    )


@pytest.mark.parametrize(
    ("values", "asks"),
    [
        (None, False),
        ({}, True),
        ({"state": "planned", "sent_at": None}, False),
        ({"expires_at": datetime.fromisoformat("2026-11-25T09:00:00+00:00")}, False),
    ],
)
def test_the_page_of_the_visit_asks_once_a_reminder_went_out(opened, visit, values, asks):
    """P-B3: not a minute after booking, nor because of a reminder of the time before a move."""
    if values is not None:
        reminded(visit, **values)
    page = text(opened.get(f"/visit/{visit.reference}/"))

    assert (f'href="{address(visit)}"' in page) is asks
    assert ('class="btn" href="/visit/' + visit.reference + '/move/"' in page) is not asks


def test_an_old_page_does_not_say_yes_to_another_time(opened, visit):
    """Kind 1: moved by the desk while the page was open."""
    form = hidden(opened.get(address(visit)))
    changes.move(appointment=visit, starts_at=visit.starts_at + timedelta(hours=4), now=clock.now(), by_staff=True)

    answer = opened.post(address(visit), form)

    assert (answer.status_code, status()) == (409, (Status.BOOKED, 2))
    assert "It is on Wednesday 25 November, 2:15pm now" in text(answer)
    opened.post(address(visit), hidden(answer))
    assert status() == (Status.CONFIRMED, 3)


def test_a_form_without_a_version_asks_again(opened, visit):
    """Kind 1"""
    assert opened.post(address(visit)).status_code == 409
    assert status() == (Status.BOOKED, 1)


@pytest.mark.parametrize("is_now", [Status.CONFIRMED, Status.ARRIVED, Status.COMPLETED])
def test_the_page_of_the_visit_does_not_ask_again(opened, visit, is_now):
    reminded(visit)
    Appointment.objects.update(status=is_now)

    assert f'href="{address(visit)}"' not in text(opened.get(f"/visit/{visit.reference}/"))


def test_a_move_asks_anew(opened, visit):
    opened.post(address(visit), hidden(opened.get(address(visit))))
    changes.move(
        appointment=visit, starts_at=visit.starts_at + timedelta(days=1), now=visit.starts_at - timedelta(days=2)
    )

    assert "Are you coming?" in text(opened.get(address(visit)))
