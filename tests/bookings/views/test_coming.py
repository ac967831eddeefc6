from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from bookings.domain import booking
from bookings.models import Appointment
from bookings.models.appointment import Status
from tests.bookings.views.flow import MONDAY, small_clinic, text
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
    response = opened.post(address(visit))

    assert response.headers["Location"] == address(visit)
    assert "Thank you. We look forward to seeing you" in text(opened.get(address(visit)))
    assert status() == (Status.CONFIRMED, 2)


def test_twice_is_once(opened, visit):
    opened.post(address(visit))
    opened.post(address(visit))

    assert status() == (Status.CONFIRMED, 2)


def test_needs_the_token_of_the_form(visit):
    strict = Client(enforce_csrf_checks=True)
    strict.get(f"/visit/{visit.link_token}/coming/")

    assert strict.post(address(visit)).status_code == 403
    assert status() == (Status.BOOKED, 1)


def test_a_reminder_still_goes_out_after_it(opened, visit):
    booking.messages.plan_booked(visit, visit.starts_at - timedelta(days=10))
    opened.post(address(visit))

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
    response = opened.post(address(visit))

    assert (response.status_code, status()) == (409, (Status.BOOKED, 1))
    assert words in text(response)
    assert words in text(opened.get(address(visit)))


def test_a_cancelled_visit_says_so_kindly(opened, visit):
    Appointment.objects.update(status=Status.CANCELLED, cancelled_at=visit.created_at)

    for response in (opened.get(address(visit)), opened.post(address(visit))):
        assert "This visit is cancelled" in text(response)
        assert "Yes, I’m coming" not in text(response)
    assert status() == (Status.CANCELLED, 1)


@pytest.mark.parametrize("is_now", [Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED, Status.NO_SHOW])
def test_what_staff_have_noted_stays(opened, visit, is_now):
    Appointment.objects.update(status=is_now)

    assert opened.post(address(visit)).status_code == 409
    assert status() == (is_now, 1)


def test_the_page_of_the_visit_asks_within_a_week(opened, visit, time_machine):
    page = f"/visit/{visit.reference}/"
    assert f'href="{address(visit)}"' in text(opened.get(page))

    time_machine.move_to(visit.starts_at - timedelta(days=7, minutes=1), tick=False)
    assert f'href="{address(visit)}"' not in text(opened.get(page))


@pytest.mark.parametrize("is_now", [Status.CONFIRMED, Status.ARRIVED, Status.COMPLETED])
def test_the_page_of_the_visit_does_not_ask_again(opened, visit, is_now):
    Appointment.objects.update(status=is_now)

    assert f'href="{address(visit)}"' not in text(opened.get(f"/visit/{visit.reference}/"))


def test_a_move_asks_anew(opened, visit):
    opened.post(address(visit))
    booking.move(
        appointment=visit, starts_at=visit.starts_at + timedelta(days=1), now=visit.starts_at - timedelta(days=2)
    )

    assert "Are you coming?" in text(opened.get(address(visit)))
