"""What a device may keep of the day, and who gets it."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from django.contrib.sessions.models import Session

from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import BookingSettings
from tests.bookings.moments import at
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PractitionerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
OFFLINE = "/diary/sheet/offline/"
PERSONAL = ("Joan Whitfield", "07700 900123", "Afraid of needles", "years")


def test_without_the_owners_switch_it_names_nobody(desk, visit, nurse):
    TimeOff.objects.create(practitioner=nurse, during=span(at(12), at(12, 30)), reason="Dentist")

    answer = desk.get(OFFLINE)
    kept = answer.content.decode()

    assert "Peel" in kept
    assert "Blue room" in kept
    assert "10:30" in kept
    for told in (*PERSONAL, "Dentist"):
        assert told not in kept


def test_with_the_switch_it_says_what_the_sheet_says(desk, visit):
    BookingSettings(pk=1, keeps_names_offline=True).save()

    kept = desk.get(OFFLINE).content.decode()

    for told in PERSONAL:
        assert told in kept


def test_it_is_todays_sheet_whatever_day_is_asked(desk, visit):
    with time_machine.travel(at(0, 5, day=3), tick=False):
        answer = desk.get(f"{OFFLINE}?day=2027-03-02")

    assert "Peel" not in answer.content.decode()


@pytest.mark.parametrize(
    ("now", "session_ends", "until"),
    [
        (at(9), at(9, day=20), at(21)),  # twelve hours on
        (at(15), at(9, day=20), at(0, day=3)),  # the end of its day
        (at(15), at(16, 30), at(16, 30)),  # the end of the session
    ],
)
def test_how_long_it_may_be_shown(desk, visit, now, session_ends, until):
    Session.objects.update(expire_date=session_ends)

    with time_machine.travel(now, tick=False):
        answer = desk.get(OFFLINE)

    assert datetime.fromisoformat(answer.headers["X-Sheet-Until"]) == until


def test_a_practitioner_keeps_their_own_sheet_only(client, visit, nurse):
    AppointmentFactory(practitioner=PractitionerFactory(name="Demo Colleague"), starts_at=at(11))
    client.force_login(nurse.user)

    kept = client.get(OFFLINE).content.decode()

    assert "Demo Nurse" in kept
    assert "Demo Colleague" not in kept


def test_strangers_get_no_sheet(client, visit):
    assert client.get(OFFLINE)["Location"].startswith("/accounts/login/")
    for user in (UserFactory(), StaffFactory(role="editor")):
        client.force_login(user)
        assert client.get(OFFLINE).status_code == 403


def test_the_worker_speaks_for_the_diary_and_holds_nothing_of_a_day(client):
    answer = client.get("/diary/worker.js")

    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert OFFLINE in answer.content.decode()


def test_signing_out_has_the_browser_forget_what_it_keeps(desk):
    assert desk.post("/accounts/logout/").headers["Clear-Site-Data"] == '"storage"'
    assert desk.get(OFFLINE)["Location"].startswith("/accounts/login/")
