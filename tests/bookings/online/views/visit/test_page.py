from __future__ import annotations

import re
from datetime import datetime

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from bookings.engine import changes
from bookings.online.views.visit import page as visit_views
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.accounts.models import User
from clinic.core import clock
from clinic.patients.models import PatientAccess
from tests.bookings.online.flow import MONDAY, book, hidden, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import AccessFactory, CarerAccessFactory, PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
WEDNESDAY_2PM = "2026-11-25T14:00:00+00:00"
MOVE_TO = "?slot=2026-11-25T14:00:00%2B00:00%7Caisha"


@pytest.fixture(autouse=True)
def on_monday(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def place():
    return small_clinic()


@pytest.fixture
def visit(place):
    """Wednesday 25 November, 10:15, with Aisha."""
    return AppointmentFactory(
        starts_at=datetime.fromisoformat("2026-11-25T10:15:00+00:00"),
        practitioner=place.aisha,
        treatment=place.peel,
        location=place.location,
        patient=PatientFactory(full_name="Sam Lee", email="sam@example.com"),
    )


@pytest.fixture
def opened(client, visit):
    """A browser that opened the visit's link."""
    client.get(f"/visit/{visit.link_token}/")
    return client


def at(visit, *rest):
    return "/".join(["", "visit", visit.reference, *rest, ""])


def signed_in(email, *, verified):
    user = User.objects.create_user(email)
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    client = Client()
    client.force_login(user)
    return client


def signed_in_to(patient, factory=AccessFactory):
    client = Client()
    client.force_login(factory(patient=patient).user)
    return client


def without_secrets(response):
    """A page, but for what is made anew each time."""
    return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]+"', "", text(response))


class TestLink:
    def test_swaps_the_secret_for_a_clean_address(self, client, visit):
        response = client.get(f"/visit/{visit.link_token}/")

        assert response.headers["Location"] == at(visit)
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response.headers["Cache-Control"]
        assert "Wednesday 25 November, 10:15am" in text(client.get(at(visit)))

    def test_changes_nothing(self, client, visit):
        before = Appointment.objects.values().get()
        client.get(f"/visit/{visit.link_token}/")
        for rest in ([], ["move"], ["cancel"]):
            client.get(at(visit, *rest))
        client.get(at(visit, "move", "confirm") + MOVE_TO)

        assert Appointment.objects.values().get() == before

    @pytest.mark.parametrize("token", ["a" * 43, "short", "A" * 200, "%00", "ABCDEFGH", "../etc"])
    def test_a_wrong_one_opens_nothing(self, client, visit, token):
        response = client.get(f"/visit/{token}/")

        assert response.status_code == 404
        assert "This link doesn't work" in text(response)

    def test_of_a_hold_opens_nothing(self, client, visit):
        Appointment.objects.update(status=Status.HELD, hold_expires_at=visit.ends_at)

        assert client.get(f"/visit/{visit.link_token}/").status_code == 404

    @pytest.mark.parametrize(("now", "status"), [("2026-11-26T10:44:00Z", 302), ("2026-11-26T10:46:00Z", 404)])
    def test_works_until_a_day_after_the_visit(self, client, visit, time_machine, now, status):
        time_machine.move_to(now, tick=False)

        assert client.get(f"/visit/{visit.link_token}/").status_code == status

    def test_once_revoked_opens_nothing_more(self, opened, visit):
        visit.revoke_link()
        visit.save()

        assert opened.get(at(visit)).status_code == 404


class TestWhoMaySee:
    @pytest.mark.parametrize("rest", [[], ["move"], ["move", "confirm"], ["cancel"]])
    def test_another_browser_may_not(self, opened, visit, rest):
        assert Client().get(at(visit, *rest)).status_code == 404

    def test_another_browser_may_not_cancel(self, opened, visit):
        assert Client().post(at(visit, "cancel")).status_code == 404
        assert Appointment.objects.get().status == Status.BOOKED

    def test_whoever_just_booked_may(self, client, place):
        assert client.get(at(book(client))).status_code == 200

    def test_a_patient_who_signs_in_to_that_record_may(self, visit):
        assert signed_in_to(visit.patient).get(at(visit)).status_code == 200

    @pytest.mark.parametrize("verified", [True, False])
    def test_an_address_alone_opens_nothing(self, visit, verified):
        """A family shares it."""
        assert signed_in("sam@example.com", verified=verified).get(at(visit)).status_code == 404

    @pytest.mark.parametrize("rest", [[], ["move"], ["cancel"]])
    def test_access_that_is_revoked_opens_nothing_from_that_moment(self, visit, rest):
        client = signed_in_to(visit.patient)
        assert client.get(at(visit, *rest)).status_code == 200
        PatientAccess.objects.update(revoked_at=clock.now())

        gone, never_was = client.get(at(visit, *rest)), client.get("/visit/ZZZZZZZZ/")
        assert gone.status_code == never_was.status_code == 404
        assert without_secrets(gone) == without_secrets(never_was)

    def test_who_helps_may_see_and_cancel_and_change_nothing_of_how_the_patient_is_written_to(self, visit):
        client = signed_in_to(visit.patient, CarerAccessFactory)
        assert "/preferences/" not in client.get(at(visit)).content.decode()
        client.post(at(visit, "cancel"), {"version": visit.version})

        assert Appointment.objects.get().status == Status.CANCELLED

    def test_the_calendar_file_is_theirs_too(self, opened, visit):
        response = opened.get(f"/visit/{visit.reference}/calendar.ics")

        assert response.headers["Content-Type"].startswith("text/calendar")
        assert Client().get(f"/visit/{visit.reference}/calendar.ics").status_code == 404


class TestMove:
    def test_shows_times_as_links_to_a_question(self, opened, visit):
        page = text(opened.get(at(visit, "move") + "?day=2026-11-25"))

        assert f'value="{WEDNESDAY_2PM}|aisha"' in page
        assert 'value="2026-11-25T10:15:00+00:00|aisha"' in page  # its own time counts as free
        assert f'method="get" action="{at(visit, "move", "confirm")}"' in page

    @pytest.mark.parametrize("whom", ["", "&with=any"])
    def test_d2_offers_no_time_of_another_visit_of_theirs(self, opened, visit, place, whom):
        """D2: with either nurse, a move onto the patient's own other visit would be refused a moment later."""
        AppointmentFactory(
            starts_at=datetime.fromisoformat(WEDNESDAY_2PM),
            practitioner=place.tom,
            location=place.location,
            patient=visit.patient,
        )

        assert WEDNESDAY_2PM not in text(opened.get(at(visit, "move") + "?day=2026-11-25" + whom))

    def test_moves_after_a_yes(self, opened, visit):
        assert "Move your visit?" in text(opened.get(at(visit, "move", "confirm") + MOVE_TO))
        response = opened.post(at(visit, "move", "confirm") + MOVE_TO, {"version": visit.version}, follow=True)

        assert "Wednesday 25 November, 2pm" in text(response)
        assert "Your visit has moved" in text(response)

    def test_to_someone_else(self, opened, visit, place):
        opened.post(at(visit, "move", "confirm") + MOVE_TO.replace("aisha", "tom"), {"version": visit.version})

        assert Appointment.objects.get().practitioner == place.tom

    def test_to_a_taken_time_offers_the_nearest(self, opened, visit, place):
        AppointmentFactory(
            starts_at=datetime.fromisoformat(WEDNESDAY_2PM), practitioner=place.aisha, location=place.location
        )
        response = opened.post(at(visit, "move", "confirm") + MOVE_TO, {"version": visit.version}, follow=True)

        assert "That time is no longer free" in text(response)
        assert "2:30pm" in text(response)

    def test_says_when_it_was_changed_meanwhile(self, opened, visit):
        response = opened.post(at(visit, "move", "confirm") + MOVE_TO, {"version": visit.version + 1})

        assert response.status_code == 409
        assert "Your visit was changed since you opened this page" in text(response)
        assert Appointment.objects.get().starts_at == visit.starts_at

    def test_tapped_twice_is_one_move(self, opened, visit):
        """Kind 1"""
        answers = [
            opened.post(at(visit, "move", "confirm") + MOVE_TO, {"version": visit.version}, follow=True) for _ in "12"
        ]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert "Wednesday 25 November, 2pm" in text(answers[1])
        assert Appointment.objects.get().version == visit.version + 1

    def test_onto_its_own_time_says_that_nothing_has_changed(self, opened, visit):
        own = "?slot=2026-11-25T10:15:00%2B00:00|aisha"
        response = opened.post(at(visit, "move", "confirm") + own, {"version": visit.version}, follow=True)

        assert "Your visit is at this time already" in text(response)
        assert "has moved" not in text(response)
        assert Appointment.objects.get().version == visit.version

    @pytest.mark.parametrize("form", [{}, {"version": "x"}, {"version": "0"}])
    def test_a_form_that_names_no_version_asks_first(self, opened, visit, form):
        """Kind 1"""
        response = opened.post(at(visit, "move", "confirm") + MOVE_TO, form)

        assert (response.status_code, Appointment.objects.get().starts_at) == (409, visit.starts_at)
        opened.post(at(visit, "move", "confirm") + MOVE_TO, hidden(response))
        assert Appointment.objects.get().starts_at == datetime.fromisoformat(WEDNESDAY_2PM)

    @pytest.mark.parametrize("slot", ["", "nonsense", "2026-11-25T14:00:00%2B00:00%7Cnobody"])
    def test_asks_again_for_a_time_that_is_none(self, opened, visit, slot):
        response = opened.get(at(visit, "move", "confirm") + f"?slot={slot}")

        assert response.headers["Location"] == at(visit, "move")


class TestCancel:
    def test_frees_the_time(self, opened, visit, place):
        response = opened.post(at(visit, "cancel"), {"version": visit.version}, follow=True)

        assert "This visit is cancelled" in text(response)
        assert Appointment.objects.get().status == Status.CANCELLED
        assert "10:15am" in text(Client().get("/book/when/?treatment=peel&with=aisha&day=2026-11-25"))

    def test_twice_is_once(self, opened, visit):
        opened.post(at(visit, "cancel"), {"version": visit.version})
        response = opened.post(at(visit, "cancel"), {"version": visit.version}, follow=True)

        assert response.status_code == 200
        assert "This visit is cancelled" in text(response)

    def test_inside_the_window_it_is_late_and_moving_is_for_the_telephone(self, opened, visit, time_machine):
        """P1, P4: no deadline that is past, no offer to move, and "I can't come" works until the visit begins."""
        time_machine.move_to("2026-11-25T10:14:00Z", tick=False)
        page = text(opened.get(at(visit)))

        assert "I can’t come" in page
        assert "It is too close to the visit to move it online" in page
        assert not re.search(r"until (Mon|Tues|Wednes)day", page)
        assert at(visit, "move") not in page
        assert opened.get(at(visit, "move")).status_code == 200
        assert "It is too close" in text(opened.post(at(visit, "move", "confirm") + MOVE_TO, {"version": 1}))
        asked = opened.get(at(visit, "cancel"))
        assert "please call us" in text(asked)
        answer = opened.post(at(visit, "cancel"), hidden(asked), follow=True)
        assert "This visit is cancelled" in text(answer)
        cancelled = Appointment.objects.get()
        assert (cancelled.status, cancelled.was_cancelled_late) == (Status.CANCELLED, True)

    def test_a_late_one_is_seen_by_staff(self, opened, visit, time_machine, client):
        """P1"""
        time_machine.move_to("2026-11-25T09:00:00Z", tick=False)
        opened.post(at(visit, "cancel"), {"version": 1})
        client.force_login(StaffFactory(role="desk"))

        page = text(client.get(f"/diary/visits/{visit.reference}/"))
        assert page.count("Cancelled late") == 2  # beside the name, and in the history

    def test_once_it_has_begun_it_is_for_the_telephone(self, opened, visit, time_machine):
        """P1"""
        time_machine.move_to("2026-11-25T10:15:00Z", tick=False)

        assert "Your visit has begun" in text(opened.get(at(visit)))
        assert "Your visit has begun" in text(opened.get(at(visit, "cancel")))
        assert opened.post(at(visit, "cancel"), {"version": 1}).status_code == 409
        assert Appointment.objects.get().status == Status.BOOKED

    def test_an_old_page_asks_again_about_the_time_it_has_now(self, opened, visit):
        """Kind 1: staff move the visit while its cancel page is open."""
        form = hidden(opened.get(at(visit, "cancel")))
        changes.move(appointment=visit, starts_at=datetime.fromisoformat(WEDNESDAY_2PM), now=clock.now(), by_staff=True)
        answer = opened.post(at(visit, "cancel"), form)

        assert answer.status_code == 409
        assert (
            "It is on Wednesday 25 November, 2pm now, with Demo Nurse Aisha. Do you still want to cancel it?"
            in text(answer)
        )
        assert Appointment.objects.get().status == Status.BOOKED
        assert opened.post(at(visit, "cancel"), hidden(answer)).status_code == 302
        assert Appointment.objects.get().status == Status.CANCELLED

    def test_a_form_without_a_version_asks_first(self, opened, visit):
        """Kind 1"""
        assert opened.post(at(visit, "cancel")).status_code == 409
        assert Appointment.objects.get().status == Status.BOOKED

    def test_of_a_past_visit_is_refused(self, opened, visit, time_machine):
        time_machine.move_to("2026-11-25T12:00:00Z", tick=False)

        assert "Your visit was on Wednesday 25 November" in text(opened.get(at(visit, "cancel")))


class TestFind:
    def test_gives_the_same_answer_to_everyone(self, client, visit, monkeypatch):
        asked = []
        monkeypatch.setattr(visit_views.links, "plan_links", lambda email, now: asked.append(email), raising=False)
        known = text(client.post("/visit/find/", {"email": "sam@example.com"}))
        unknown = text(client.post("/visit/find/", {"email": "who@example.com"}))

        assert known.replace("sam@", "who@") == unknown
        assert asked == ["sam@example.com", "who@example.com"]

    def test_asks_for_a_real_address(self, client):
        assert "Enter an email address in the correct format" in text(client.post("/visit/find/", {"email": "x"}))


@pytest.mark.parametrize("rest", [["cancel"], ["move", "confirm"]])
def test_pages_with_a_form_let_the_browser_say_where_it_comes_from(opened, visit, rest):
    """Under "no-referrer" alone a browser posts with "Origin: null", and the CSRF check refuses it."""
    response = opened.get(at(visit, *rest) + MOVE_TO)

    assert response.headers["Referrer-Policy"] == "same-origin"
