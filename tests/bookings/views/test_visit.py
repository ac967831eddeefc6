from __future__ import annotations

from datetime import date, datetime

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from bookings.models import Appointment
from bookings.models.appointment import Status
from bookings.views import visit as visit_views
from clinic.accounts.models import User
from tests.bookings.views.flow import MONDAY, book, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory

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

    def test_a_patient_with_that_proved_address_may(self, visit):
        assert signed_in("Sam@example.com", verified=True).get(at(visit)).status_code == 200

    def test_an_address_that_is_not_proved_opens_nothing(self, visit):
        assert signed_in("sam@example.com", verified=False).get(at(visit)).status_code == 404

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
        response = opened.post(at(visit, "move", "confirm") + MOVE_TO, follow=True)

        assert "That time is no longer free" in text(response)
        assert "2:30pm" in text(response)

    def test_says_when_it_was_changed_meanwhile(self, opened, visit):
        response = opened.post(at(visit, "move", "confirm") + MOVE_TO, {"version": visit.version + 1})

        assert response.status_code == 409
        assert "changed meanwhile" in text(response)

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

    def test_is_too_late_inside_the_window(self, opened, visit, time_machine):
        time_machine.move_to("2026-11-24T10:16:00Z", tick=False)

        assert "It is closer than that now" in text(opened.get(at(visit, "cancel")))
        response = opened.post(at(visit, "cancel"))
        assert response.status_code == 409
        assert "too late to change this visit online" in text(response)
        assert Appointment.objects.get().status == Status.BOOKED

    def test_of_a_past_visit_is_refused(self, opened, visit, time_machine):
        time_machine.move_to("2026-11-25T12:00:00Z", tick=False)

        assert "Your visit was on Wednesday 25 November" in text(opened.get(at(visit, "cancel")))


class TestFind:
    def test_gives_the_same_answer_to_everyone(self, client, visit, monkeypatch):
        asked = []
        monkeypatch.setattr(visit_views.outbox, "plan_links", lambda email, now: asked.append(email), raising=False)
        known = text(client.post("/visit/find/", {"email": "sam@example.com"}))
        unknown = text(client.post("/visit/find/", {"email": "who@example.com"}))

        assert known.replace("sam@", "who@") == unknown
        assert asked == ["sam@example.com", "who@example.com"]

    def test_asks_for_a_real_address(self, client):
        assert "Enter an email address in the correct format" in text(client.post("/visit/find/", {"email": "x"}))


class TestMy:
    def test_asks_visitors_to_sign_in(self, client):
        assert client.get("/my/").headers["Location"].startswith("/accounts/login/")

    def test_shows_coming_and_past_visits(self, visit, place):
        AppointmentFactory(
            starts_at=datetime.fromisoformat("2026-10-01T09:00:00+00:00"),
            patient=visit.patient,
            treatment=place.peel,
            status=Status.COMPLETED,
        )
        AppointmentFactory(practitioner=place.tom, patient=PatientFactory(email="else@example.com"))

        page = text(signed_in("sam@example.com", verified=True).get("/my/"))
        assert page.count("Gentle peel") == 2
        assert page.index("Wednesday 25 November, 10:15am") < page.index("Thursday 1 October 2026")

    def test_shows_nothing_for_an_address_that_is_not_proved(self, visit):
        assert "Nothing is booked" in text(signed_in("sam@example.com", verified=False).get("/my/"))

    def test_shows_the_visits_of_their_own_record(self, visit):
        client = signed_in("work@example.com", verified=True)
        visit.patient.user = User.objects.get()
        visit.patient.save()

        assert "Gentle peel" in text(client.get("/my/"))

    def test_asks_as_much_of_the_database_for_many_as_for_one(self, visit, place, django_assert_num_queries):
        client = signed_in("sam@example.com", verified=True)
        client.get("/my/")
        with django_assert_num_queries(6):
            client.get("/my/")
        for day in (1, 2, 3):
            AppointmentFactory(
                starts_at=datetime.combine(date(2026, 12, day), visit.starts_at.timetz()), patient=visit.patient
            )
        with django_assert_num_queries(6):
            client.get("/my/")


@pytest.mark.parametrize("rest", [["cancel"], ["move", "confirm"]])
def test_pages_with_a_form_let_the_browser_say_where_it_comes_from(opened, visit, rest):
    """Under "no-referrer" alone a browser posts with "Origin: null", and the CSRF check refuses it."""
    response = opened.get(at(visit, *rest) + MOVE_TO)

    assert response.headers["Referrer-Policy"] == "same-origin"
