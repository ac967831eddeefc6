"""P-B18, F22, F23: what was typed survives a lost session, Back after an error, and signing in in another tab."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.accounts.models import User
from tests.bookings.online.flow import DETAILS, MONDAY, TUESDAY_10_15, hidden, small_clinic, text, when_url
from tests.bookings.online.test_tabs import Tab
from tests.factories.clinic import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
BACKEND = "clinic.accounts.backends.Passwords"
HERE = {"origin": "http://testserver"}
TERMS = {"accept_terms": "on"}
JOIN = "/waiting/join/?treatment=peel&with=aisha"


@pytest.fixture(autouse=True)
def place(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return small_clinic()


@pytest.fixture
def strict():
    return Client(enforce_csrf_checks=True, headers=HERE)


def fields(response):
    """Everything that the last form of a page hands on without showing it, the CSRF token too."""
    form = response.content.decode().rpartition('method="post"')[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def strict_tab(client):
    """At the page of details."""
    times = client.get(when_url())
    return client.post(when_url(), fields(times) | {"slot": f"{TUESDAY_10_15}|aisha"}, follow=True)


class TestLostSession:
    def test_details_are_taken_although_the_session_is_gone(self, client):
        tab = Tab(client).take()
        client.session.flush()

        assert "Check your booking" in tab.details().page
        assert Appointment.objects.filter(status=Status.HELD).count() == 1

    def test_confirm_books_what_the_page_shows_although_the_session_is_gone(self, client):
        tab = Tab(client).take().details()
        client.session.flush()

        assert "Your visit is booked" in tab.send(**TERMS).page
        assert Appointment.objects.get(status=Status.BOOKED).patient.full_name == "Sam Lee"

    def test_without_any_trace_of_the_time_the_details_wait_for_another(self, client):
        Tab(client)
        lost = client.post("/book/details/?treatment=peel&with=aisha&day=2026-11-24", DETAILS, follow=True)
        assert "so nothing has been booked" in text(lost)

        tab = Tab(client, lost.redirect_chain[-1][0]).take()
        assert 'value="Sam Lee"' in tab.page
        assert 'value="1988"' in tab.page

    def test_a_page_that_was_open_overnight_keeps_what_was_typed(self, client, time_machine):
        tab = Tab(client).take()
        time_machine.shift(13 * 60 * 60)

        page = tab.details().page
        assert 'value="Sam Lee"' in page
        assert Appointment.objects.filter(patient__isnull=False).count() == 0


class TestBack:
    def test_after_an_error_shows_what_was_typed(self, client):
        tab = Tab(client).take()
        url = tab.url
        tab.details(email="sam@", note="By the side door")

        again = tab.open(url).page
        assert 'value="sam@"' in again
        assert "By the side door</textarea>" in again
        assert "There is a problem" not in again

    def test_answers_that_are_not_right_are_never_passed_over(self, client):
        tab = Tab(client).take().details()
        check = tab.url
        tab.follow("Change full name").details(email="sam@")

        assert "Your details" in tab.open(check).page

    def test_very_long_answers_are_cut(self, client):
        Tab(client).take().details(note="a" * 100_000)

        assert len(str(dict(client.session))) < 5_000


class TestSigningIn:
    def test_in_another_tab_costs_one_more_press(self, strict):
        page = strict_tab(strict)
        strict.force_login(UserFactory(), BACKEND)
        strict.get("/my/")
        strict.cookies["csrftoken"] = "b" * 32  # signing in changes it

        asked = strict.post(page.redirect_chain[-1][0], fields(page) | DETAILS)
        assert asked.status_code == 403
        assert "Please press again" in text(asked)
        assert "no-store" in asked.headers["Cache-Control"]
        taken = strict.post(page.redirect_chain[-1][0], fields(asked), follow=True)
        assert "Check your booking" in text(taken)
        assert "Sam Lee" in text(taken)

    def test_the_booking_stays_with_the_browser(self, client):
        tab = Tab(client).take().details()
        client.force_login(UserFactory(), BACKEND)

        assert "Sam Lee" in tab.open(tab.url).page

    def test_signing_out_hands_it_to_nobody(self, client):
        client.force_login(UserFactory(), BACKEND)
        tab = Tab(client).take().details()
        client.logout()

        assert "Sam Lee" not in tab.open(tab.url).page

    def test_without_any_cookie_the_form_goes_on_as_well(self, strict):
        page = strict_tab(strict)
        strict.cookies.clear()

        asked = strict.post(page.redirect_chain[-1][0], fields(page) | DETAILS)
        taken = strict.post(page.redirect_chain[-1][0], fields(asked), follow=True)
        assert "Check your booking" in text(taken)

    def test_the_second_time_says_what_may_be_wrong(self, strict):
        asked = strict.post(JOIN, DETAILS)
        strict.cookies.clear()

        assert "This site needs them for forms to work" in text(strict.post(JOIN, fields(asked)))


class TestWhatIsHandedBack:
    @pytest.mark.parametrize("headers", [
        {"origin": "https://evil.example"}, {"origin": "null"}, {}, {"referer": "https://evil.example/testserver"},
        {"origin": "https://testserver"}, {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
        {"referer": "http://[::1"},
    ])  # fmt: skip
    def test_nothing_of_another_sites_form(self, headers):
        answer = Client(enforce_csrf_checks=True).post(JOIN, DETAILS, headers=headers)

        assert answer.status_code == 403
        assert "Sam Lee" not in text(answer)
        assert "Please try again" in text(answer)

    def test_with_a_referer_alone(self):
        answer = Client(enforce_csrf_checks=True).post(JOIN, DETAILS, headers={"referer": "http://testserver/x"})

        assert 'value="Sam Lee"' in text(answer)

    @pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/cms/pages/", "/diary/integrations/"])
    def test_nothing_of_a_form_about_accounts_or_the_site(self, strict, path):
        assert "Sam Lee" not in text(strict.post(path, DETAILS))

    @pytest.mark.parametrize("name", ["password", "new_password1", "otp_code", "client_secret"])
    def test_no_password(self, strict, name):
        answer = text(strict.post(JOIN, DETAILS | {name: "hunter2"}))

        assert "hunter2" not in answer
        assert "Sam Lee" not in answer

    def test_not_too_much(self, strict):
        assert "aaaa" not in text(strict.post(JOIN, {"note": "a" * 50_000}))
        assert "Please try again" in text(strict.post(JOIN, {f"n{number}": "x" for number in range(200)}))

    def test_it_is_text_and_never_markup(self, strict):
        answer = strict.post(JOIN, DETAILS | {"full_name": '"><script>alert(1)</script>'}).content.decode()

        assert "<script>alert" not in answer
        assert "&quot;&gt;&lt;script&gt;" in answer

    def test_a_box_with_several_answers_keeps_them_all(self, strict):
        answer = strict.post(JOIN, DETAILS | {"weekdays": ["1", "3"]}).content.decode()

        assert answer.count('name="weekdays"') == 2


class TestDesk:
    def test_a_form_sent_after_the_session_ended_is_kept_until_staff_sign_in(self, strict):
        desk = StaffFactory(role="desk")
        strict.force_login(desk, BACKEND)
        form = strict.get("/diary/book/?day=2026-11-24&treatment=peel&practitioner=aisha")
        strict.session.flush()
        typed = {"treatment": "peel", "practitioner": "aisha", "day": "2026-11-24", "at": "14:00", "do": "book"}

        asked = strict.post("/diary/book/", fields(form) | DETAILS | typed | {"patient": "new"})
        assert asked.status_code == 403
        assert "Please sign in, then press again" in text(asked)
        assert 'value="Sam Lee"' in text(asked)
        assert not Appointment.objects.exists()

        strict.force_login(User.objects.get(pk=desk.pk), BACKEND)
        strict.post("/diary/book/", fields(asked), follow=True)
        assert Appointment.objects.get().patient.full_name == "Sam Lee"

    def test_a_page_that_is_only_opened_leads_to_the_login(self, client):
        assert client.get("/diary/").headers["Location"].startswith("/accounts/login/?next=/diary/")

    def test_another_sites_form_leads_to_the_login(self, client):
        answer = client.post("/diary/book/", DETAILS, headers={"origin": "https://evil.example"})

        assert answer.headers["Location"].startswith("/accounts/login/")


def test_the_page_of_a_time_needs_no_session(client):
    """F23: the form of a step is enough to go on from."""
    tab = Tab(client)
    answer = Client().post(tab.url, hidden(tab.response) | {"slot": f"{TUESDAY_10_15}|aisha"}, follow=True)

    assert "Your details" in text(answer)
