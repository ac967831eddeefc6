"""Signing in by keyboard: each Tab leads on in the order in which the page is filled in."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def form_of(client, **query):
    page = BeautifulSoup(client.get(LOGIN, query).content, "html.parser")
    return page.select_one("form:has([name=login])")


def test_the_order_of_tabs_is_email_password_button_and_then_forgot(client):
    stops = form_of(client).select("a, button, input:not([type=hidden])")

    assert [one.get("name") or one.get_text().strip() for one in stops] == [
        "login", "password", "remember", "Sign in", "Forgot your password?",
    ]  # fmt: skip
    assert stops[-1]["href"] == "/accounts/password/reset/"


def test_the_tick_says_what_it_does(client):
    label = form_of(client).select_one("label:has([name=remember]), label[for=id_remember]")

    assert label.get_text().strip() == "Stay signed in on this device"


@pytest.mark.parametrize(
    ("place", "begins"), [("/diary/?day=2027-03-01", True), ("/cms/", True), ("/my/", False), ("", False)]
)
def test_staff_begin_in_the_box_and_patients_above_it(client, place, begins):
    assert form_of(client, next=place).select_one("[name=login]").has_attr("autofocus") is begins
