"""Kind 1 at the desk: a form acts on the version of the visit that its page showed, or the page asks again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from bookings.engine import changes
from bookings.messages.models import Message
from bookings.messages.planning import visit_messages
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.patients.models import Patient
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
LATER = "2026-11-25T10:00:00+00:00|aisha"


@pytest.fixture(autouse=True)
def _ten_past_nine_on_tuesday():
    with time_machine.travel(datetime(2026, 11, 24, 9, 10, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def visit():
    peel = TreatmentFactory(duration_minutes=45)
    nurse = PractitionerFactory(slug="aisha", offers=[peel])
    location = LocationFactory()
    working_week(nurse, location)
    starts_at = datetime(2026, 11, 24, 9, 30, tzinfo=clock.LONDON)
    patient = PatientFactory(full_name="Jo Whitfield")
    return AppointmentFactory(
        practitioner=nurse, treatment=peel, starts_at=starts_at, minutes=45, patient=patient, location=location
    )


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


def post(client, visit, page, **data):
    return client.post(reverse(f"bookings:diary_{page}", args=[visit.reference]), {"version": 1, **data})


def notice_of(client, visit):
    return client.get(reverse("bookings:diary_visit", args=[visit.reference])).context["notice"]


@pytest.mark.parametrize(
    ("page", "data", "status"),
    [
        ("status", {"status": "arrived"}, Status.ARRIVED),
        ("status", {"status": "confirmed"}, Status.CONFIRMED),
        ("move", {"slot": LATER}, Status.BOOKED),
        ("move", {"day": "2026-11-25", "at": "10:00", "with": "aisha"}, Status.BOOKED),
        ("cancel", {}, Status.CANCELLED),
    ],
)
def test_the_same_step_tapped_twice_is_one_step_with_one_way_back(desk, visit, page, data, status):
    first, second = post(desk, visit, page, **data), post(desk, visit, page, **data)

    visit.refresh_from_db()
    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert (visit.status, visit.version) == (status, 2)
    notice = notice_of(desk, visit)
    desk.post(notice["action"], notice["fields"])
    visit.refresh_from_db()
    assert (visit.status, visit.version) == (Status.BOOKED, 3)
    assert f"{clock.local(visit.starts_at):%d %H:%M}" == "24 09:30"


def test_a_visit_moved_to_its_own_time_is_said_to_stand_there_and_nobody_is_told(desk, visit):
    answer = post(desk, visit, "move", day="2026-11-24", at="09:30", **{"with": "aisha"})

    visit.refresh_from_db()
    assert (answer.status_code, visit.version, Message.objects.count()) == (302, 1, 0)
    notice = notice_of(desk, visit)
    assert notice["text"] == "J. Whitfield stands at Tuesday 24 November, 9:30 already. Nobody is told anything."
    assert not notice.get("action")


@pytest.mark.parametrize(("page", "data"), [("move", {"slot": LATER}), ("cancel", {})])
def test_what_cannot_be_sent_is_not_promised(desk, visit, page, data):
    """F15"""
    Patient.objects.update(email="", phone="")
    address = reverse(f"bookings:diary_{page}", args=[visit.reference])
    assert "Nothing can be sent to the patient: please tell them." in desk.get(address).content.decode()

    post(desk, visit, page, **data)

    assert notice_of(desk, visit)["text"].endswith("Nothing can be sent to the patient: please tell them.")


def test_who_had_not_been_told_of_a_move_hears_nothing_of_its_undo(desk, visit):
    visit_messages.plan_booked(visit, clock.now())
    Message.objects.filter(kind="confirmation").update(state="sent", sent_at=clock.now())
    post(desk, visit, "move", slot=LATER)
    notice = notice_of(desk, visit)
    assert notice["text"].endswith("The patient is told in three minutes.")

    desk.post(notice["action"], notice["fields"])

    assert notice_of(desk, visit)["text"].endswith("The patient had not been told otherwise, and hears nothing.")
    assert not Message.objects.filter(kind="moved", state="planned").exists()


def test_a_visit_of_the_past_is_told_to_nobody(desk, visit):
    past = {"treatment": visit.treatment.slug, "practitioner": "aisha", "day": "2026-11-23", "at": "10:00"}
    answer = desk.post("/diary/book/", {"do": "book", "patient": visit.patient.reference, **past}, follow=True)

    assert "Booked. Nothing is sent, because its time has passed." in answer.content.decode()


def test_putting_back_twice_is_once(desk, visit):
    post(desk, visit, "cancel")

    assert [post(desk, visit, "restore", version=2).status_code for _ in range(2)] == [302, 302]
    visit.refresh_from_db()
    assert (visit.status, visit.version) == (Status.BOOKED, 3)


@pytest.mark.parametrize(
    ("page", "data"),
    [("status", {"status": "arrived"}), ("move", {"slot": LATER}), ("cancel", {})],
)
def test_an_old_page_asks_again_and_says_what_changed(desk, visit, page, data):
    changes.move(
        appointment=visit,
        starts_at=datetime(2026, 11, 24, 11, 0, tzinfo=clock.LONDON),
        now=clock.now(),
        by_staff=True,
    )

    answer = post(desk, visit, page, **data)

    text = answer.content.decode()
    visit.refresh_from_db()
    assert (answer.status_code, visit.version) == (409, 2)
    assert "was changed meanwhile" in text
    assert "Moved from Tue 24 Nov 9:30 to Tue 24 Nov 11:00" in text
    assert 'name="version" value="2"' in text
    assert "Booked online" not in [row.what for row in answer.context["meanwhile"]]
    post(desk, visit, page, **data, version=2)
    visit.refresh_from_db()
    assert visit.version == 3


def test_the_chosen_time_is_kept_when_the_page_asks_again(desk, visit):
    post(desk, visit, "status", status="confirmed")

    chosen = post(desk, visit, "move", slot=LATER)
    typed = post(desk, visit, "move", day="2026-11-26", at="13:45", **{"with": "aisha"})

    assert "Move it to Wed 25 Nov, 10:00 all the same" in chosen.content.decode()
    assert 'value="13:45"' in typed.content.decode()
    assert Appointment.objects.get().version == 2


def test_the_notice_of_a_step_comes_with_the_swapped_grid_and_not_with_a_refresh(desk, visit):
    step = {"HX-Request": "true", "HX-Trigger": f"step-gs-{visit.reference}"}
    post(desk, visit, "status", status="arrived", next="/diary/")

    refreshed = desk.get("/diary/", headers={"HX-Request": "true", "HX-Trigger": "region"}).content.decode()
    swapped = desk.get("/diary/", headers=step).content.decode()

    assert 'id="notice"' not in refreshed
    assert 'id="notice" role="status" data-hx-swap-oob="innerHTML"' in swapped
    assert "J. Whitfield: arrived." in swapped
