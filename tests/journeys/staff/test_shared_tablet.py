"""Two people share the tablet at the front desk: each opens it with three fingers' work, and sees nothing of the other."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from clinic.staff.models import Tablet
from tests.journeys.support.visitor import assert_sound, heading, next_page, sign_in_by_form

DESK, NURSE = "204817", "739206"


@pytest.fixture
def tablet(visit):
    visit.problems.expected = ("status of 422",)  # a weak PIN and a wrong one
    page = visit(width=390)
    yield page
    Tablet.objects.all().delete()


def choose_pin(page, pin):
    page.goto("/accounts/pin/")
    page.get_by_label("PIN for today").fill(pin)
    page.get_by_label("The same once more").fill(pin)
    with next_page(page):
        page.get_by_role("button", name="Use this PIN").click()


def sign_out(page):
    page.goto("/my/security/")
    with next_page(page):
        page.get_by_role("main").get_by_role("button", name="Sign out").click()


def unlock(page, initials, pin):
    """Two taps beside the six digits."""
    page.get_by_label(initials, exact=True).check()
    page.get_by_label("PIN", exact=True).fill(pin)
    with next_page(page):
        page.get_by_role("button", name="Unlock").click()


def test_two_people_share_a_tablet(tablet):
    sign_in_by_form(tablet, "owner@example.com")
    tablet.goto("/staff/devices/")
    assert_sound(tablet)
    tablet.get_by_label("Name of this tablet").fill("Front desk")
    with next_page(tablet):
        tablet.get_by_role("button", name="Make this a shared tablet").click()
    expect(tablet.locator("#notice")).to_contain_text("now the shared tablet")
    assert_sound(tablet)
    sign_out(tablet)
    for email, pin in (("desk@example.com", DESK), ("nurse@example.com", NURSE)):
        sign_in_by_form(tablet, email)
        tablet.goto("/accounts/pin/")
        assert_sound(tablet)
        choose_pin(tablet, "123456")
        expect(tablet.get_by_role("alert")).to_contain_text("guessed first")
        choose_pin(tablet, pin)
        sign_out(tablet)

    tablet.goto("/accounts/login/?next=/diary/")
    with next_page(tablet):
        tablet.get_by_role("link", name="Use today’s PIN").click()
    heading(tablet, "Front desk is locked")
    assert_sound(tablet)
    unlock(tablet, "DD", DESK)
    expect(tablet).to_have_url(re.compile(r"/diary/"))
    tablet.goto("/diary/patients/?q=somebody-the-desk-looked-for")
    before = {cookie["name"]: cookie["value"] for cookie in tablet.context.cookies()}

    tablet.goto("/accounts/unlock/?next=/diary/patients/?q=somebody-the-desk-looked-for")
    unlock(tablet, "NM", "000001")
    expect(tablet.get_by_role("alert")).to_contain_text("4 tries left")
    unlock(tablet, "NM", NURSE)

    expect(tablet).to_have_url(re.compile(r"/diary/"))
    after = {cookie["name"]: cookie["value"] for cookie in tablet.context.cookies()}
    assert after["sessionid"] != before["sessionid"]
    assert after["tablet"] == before["tablet"]
    assert "somebody" not in tablet.content()
    tablet.goto("/my/security/")  # no second factor is asked of the demo, but a PIN is too little for a fresh sign-in
    tablet.goto("/accounts/pin/")
    heading(tablet, "Is it you?")
