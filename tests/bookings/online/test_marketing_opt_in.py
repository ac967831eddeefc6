"""The box with which whoever books asks for invitations: never ticked for them, and it only ever adds (PECR reg. 22)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
import time_machine

from bookings.engine.booking import release_dead_holds
from bookings.messages.planning import invitations
from clinic.core import clock
from clinic.patients.models import Patient
from tests.bookings.moments import NOW as API_NOW
from tests.bookings.moments import at
from tests.bookings.online.flow import (
    DETAILS,
    MONDAY,
    TUESDAY_10_15,
    confirm,
    give_details,
    hold,
    send,
    small_clinic,
    text,
)
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import (
    AccessFactory,
    PatientFactory,
    PractitionerFactory,
    StaffFactory,
    TreatmentFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
BEFORE = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOX = re.compile(r'<input type="checkbox" name="marketing_opt_in"[^>]*>')
TICKED = {"marketing_opt_in": "on"}


@pytest.fixture
def place(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return small_clinic()


def box(response):
    [found] = BOX.findall(text(response))
    return found


def opted_in_at():
    return Patient.objects.get(email="sam@example.com").marketing_opted_in_at


def sam(**values):
    return PatientFactory(
        full_name="Sam Lee",
        email="sam@example.com",
        date_of_birth=datetime(1988, 3, 27, tzinfo=UTC).date(),
        phone="+447700900123",
        **values,
    )


@pytest.mark.usefixtures("place")
class TestInTheFlow:
    def test_it_is_empty_and_says_what_it_means(self, client):
        hold(client)
        page = client.get("/book/details/")

        assert "checked" not in box(page)
        assert "Email me now and then when it may be time to come again" in text(page)
        assert "your visit does not depend on it. Each of these emails has a link that stops them." in text(page)

    @pytest.mark.parametrize(("ticked", "expected"), [({}, None), (TICKED, NOW)])
    def test_ticked_it_opts_in_with_the_booking(self, client, ticked, expected):
        hold(client)
        give_details(client, **ticked)
        assert not Patient.objects.exists()
        confirm(client)

        assert opted_in_at() == expected

    def test_what_she_said_before_stands(self, client):
        sam(marketing_opted_in_at=BEFORE)
        hold(client)
        give_details(client)
        confirm(client)
        assert opted_in_at() == BEFORE

        hold(client, at="2026-11-25T10:15:00+00:00")
        give_details(client, **TICKED)
        confirm(client)
        assert opted_in_at() == BEFORE

    def test_it_is_not_ticked_for_a_patient_who_has_signed_in_either(self, client):
        user = UserFactory(email="sam@example.com")
        client.force_login(user)
        AccessFactory(user=user, patient=sam(marketing_opted_in_at=BEFORE))
        hold(client)

        assert "checked" not in box(client.get("/book/details/"))

    def test_the_answer_is_kept_and_can_be_checked_and_taken_back(self, client):
        hold(client)
        assert "checked" in box(give_details(client, full_name="", **TICKED))
        assert "checked" in box(send(client, "details", DETAILS | TICKED | {"keep": "yes"}))
        give_details(client, **TICKED)
        assert "<dt>Invitations to come again</dt> <dd>By email</dd>" in text(client.get("/book/check/"))

        assert "checked" in box(client.get("/book/details/"))
        give_details(client)
        assert "<dt>Invitations to come again</dt> <dd>No</dd>" in text(client.get("/book/check/"))
        confirm(client)
        assert opted_in_at() is None

    def test_a_time_that_is_gone_opts_nobody_in(self, client, place):
        hold(client)
        give_details(client, **TICKED)
        with time_machine.travel("2026-11-23T08:30:00Z", tick=False):
            release_dead_holds(clock.now())
            AppointmentFactory(
                starts_at=datetime.fromisoformat(TUESDAY_10_15),
                practitioner=place.aisha,
                treatment=place.peel,
                location=place.location,
            )
            confirm(client)

        assert not Patient.objects.filter(email="sam@example.com").exists()

    def test_answers_from_before_this_was_asked_still_book(self, client):
        hold(client)
        give_details(client)
        session = client.session
        del next(iter(session["drafts"].values()))["details"]["marketing_opt_in"]
        session.save()

        confirm(client)

        assert opted_in_at() is None

    @pytest.mark.parametrize(("ticked", "expected"), [({}, None), (TICKED, NOW)])
    def test_in_a_frame_as_well(self, client, ticked, expected):
        def send(page, path, **data):
            token = re.search(r'name="token" value="([^"]+)"', page.content.decode()).group(1)
            return client.post(f"/embed/{path}", {"token": token, **data})

        page = send(client.get("/embed/?treatment=peel&with=aisha"), "when/", slot=f"{TUESDAY_10_15}|aisha")
        assert "checked" not in box(page)
        page = send(page, "details/", **DETAILS, **ticked)
        assert f"<dd>{'By email' if ticked else 'No'}</dd>" in text(page)
        send(page, "check/", accept_terms="on")

        assert opted_in_at() == expected


def test_staff_and_the_waiting_list_do_not_ask(client, place):
    assert not BOX.search(text(client.get("/waiting/join/?treatment=peel")))
    client.force_login(StaffFactory(role="desk"))
    assert not BOX.search(text(client.get("/diary/book/")))


def test_her_choices_say_how_to_stop(client):
    patient = sam(marketing_opted_in_at=BEFORE)
    url = f"/preferences/{invitations.token_of(patient)}/"

    assert "To stop them, untick this and save, or use the link in any of these emails." in text(client.get(url))
    client.post(url, {"contact_by": "both"})
    assert opted_in_at() is None


class TestOfTheInterface:
    @pytest.fixture(autouse=True)
    def place(self):
        treatment = TreatmentFactory(slug="first-consultation", kind="consultation")
        working_week(PractitionerFactory(offers=[treatment], slug="nurse"), LocationFactory())
        with time_machine.travel(API_NOW, tick=False):
            yield

    def post(self, client, path="bookings", starts_at=None, **changes):
        body = {
            "treatment": "first-consultation",
            "practitioner": None,
            "starts_at": starts_at or at(10).isoformat(),
            "patient": {
                "full_name": "Sam Lee",
                "email": "sam@example.com",
                "phone": "07700 900123",
                "date_of_birth": "1990-02-28",
            },
            "accept_terms": True,
        }
        return client.post(f"/api/v1/{path}", json.dumps(body | changes), content_type="application/json")

    @pytest.mark.parametrize(
        ("said", "expected"), [({}, None), ({"marketing_opt_in": False}, None), ({"marketing_opt_in": True}, API_NOW)]
    )
    def test_a_booking_may_say_so(self, client, said, expected):
        assert self.post(client, **said).status_code == 201
        assert opted_in_at() == expected

    def test_a_course_may_say_so(self, client):
        starts = [at(10, day=day).isoformat() for day in (2, 9)]

        assert self.post(client, "bookings/series", starts, marketing_opt_in=True).status_code == 201
        assert opted_in_at() == API_NOW

    @pytest.mark.parametrize("said", ["yes", "true", 1, None])
    def test_only_true_is_a_consent(self, client, said):
        answer = self.post(client, marketing_opt_in=said)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "marketing_opt_in"
        assert not Patient.objects.exists()
