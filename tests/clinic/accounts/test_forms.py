"""The sign-in page: passkey, then code, then password for whoever has one; by keyboard in that order."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from clinic.core.models import ClinicSettings

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def page_of(client, **query):
    return BeautifulSoup(client.get(LOGIN, query).content, "html.parser")


def stops_in(part):
    return [one.get("name") or one.get_text(" ").strip() for one in part.select(STOPS)]


STOPS = "a, button, summary, input:not([type=hidden])"


def test_the_order_of_tabs_is_passkey_code_and_then_password(client):
    page = page_of(client).select_one(".entrance__form")
    stops = [stop for stop in stops_in(page) if stop not in {"have it sent again", "Make one"}]

    assert stops == [
        "Sign in with a passkey",
        "email",
        "Email me a code",
        "Use a password instead",
        "login",
        "password",
        "remember",
        "Sign in",
        "Forgot your password?",
    ]


def test_the_password_is_put_away_until_it_is_asked_for_or_was_wrong(client):
    assert not page_of(client).select_one("details:has([name=password])").has_attr("open")

    wrong = client.post(LOGIN, {"login": "nobody@example.com", "password": "not the one"})
    page = BeautifulSoup(wrong.content, "html.parser")
    assert page.select_one("details:has([name=password])").has_attr("open")
    assert "The email address or the password is not right." in page.select_one("[role=alert]").get_text()


def test_the_demo_shows_the_password_as_its_visitors_have_one(client):
    clinic = ClinicSettings.load()
    clinic.is_demo = True
    clinic.save()

    assert page_of(client).select_one("details:has([name=password])").has_attr("open")


def test_the_tick_says_what_it_does(client):
    label = page_of(client).select_one("label[for=id_remember]")

    assert label.get_text().strip() == "Keep me signed in on this phone"


@pytest.mark.parametrize(
    ("place", "is_staffs"), [("/diary/?day=2027-03-01", True), ("/cms/", True), ("/my/", False), ("", False)]
)
def test_staff_begin_in_the_box_and_patients_read_that_they_need_no_account(client, place, is_staffs):
    page = page_of(client, next=place)
    words = page.select_one(".entrance__form").get_text(" ")

    assert page.select_one("[name=email]").has_attr("autofocus") is is_staffs
    assert ("You need no account" in words) is not is_staffs
    assert bool(page.select('a[href^="/accounts/signup/"]')) is not is_staffs
