"""An owner invites somebody, who sets up her sign-in, loses her phone, comes back, and in the end leaves."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from bookings.tasks import send_due_messages
from clinic.accounts.models import User
from tests.clinic.staff.conftest import LINK, SECRET
from tests.factories.browsers import code_for
from tests.journeys.support.visitor import assert_sound, heading, next_page, sign_in_by_form


@pytest.fixture
def address():
    """Someone new; gone from the shared site afterwards."""
    address = f"nina-{uuid4().hex[:8]}@example.org"
    yield address
    User.objects.filter(email=address).update(is_active=False)


@pytest.fixture
def newest_link(mailoutbox):
    def find(to):
        send_due_messages()
        links = [LINK.search(letter.body) for letter in mailoutbox if letter.to == [to]]
        return [link.group(1) for link in links if link][-1]

    return find


@pytest.fixture
def owner(visit):
    page = visit(width=1280)
    sign_in_by_form(page, "owner@example.com")  # just now: whoever signed in long ago is asked once more
    return page


def set_up_app(page):
    with next_page(page):
        page.get_by_role("link", name="Set up an app").click()
    secret = SECRET.search(page.locator("main").inner_text()).group()
    page.locator("input[name=code]").fill(code_for(secret))
    with next_page(page):
        page.get_by_role("button", name="Set up").click()


def keep_codes(page):
    heading(page, "Keep your recovery codes")
    page.get_by_label("One of these codes").fill(page.locator(".codes code").nth(4).inner_text())
    with next_page(page):
        page.get_by_role("button", name="I have kept them").click()


def test_from_invitation_to_departure(owner, visit, address, newest_link):
    owner.goto("/staff/")
    assert_sound(owner)
    owner.get_by_label("Email address").fill(address)
    owner.locator("input[name=roles][value=desk]").check()
    with next_page(owner):
        owner.get_by_role("button", name="Send the invitation").click()
    expect(owner.locator("#notice")).to_contain_text(f"{address} was invited")

    phone = visit(width=390)
    phone.goto(newest_link(address))
    heading(phone, "Welcome to")
    assert_sound(phone)
    phone.get_by_label("Your full name").fill("Nina Newcomer")
    with next_page(phone):
        phone.get_by_role("button", name="Continue").click()
    heading(phone, "How you will sign in")
    assert_sound(phone)
    set_up_app(phone)
    keep_codes(phone)
    heading(phone, "Confidentiality")
    assert_sound(phone)
    phone.get_by_label("I have read this").check()
    with next_page(phone):
        phone.get_by_role("button", name="Agree and start").click()
    expect(phone).to_have_url(re.compile(r"/diary/"))

    owner.goto("/staff/")
    with next_page(owner):
        owner.get_by_role("link", name="Nina Newcomer").click()
    assert_sound(owner)
    owner.get_by_text("Reset their sign-in").click()
    with next_page(owner):
        owner.get_by_role("button", name=re.compile("^Reset the sign-in")).click()
    expect(owner.locator("#notice")).to_contain_text("signed out everywhere")
    phone.goto("/diary/")
    expect(phone).to_have_url(re.compile(r"/accounts/login/"))

    phone.goto(newest_link(address))
    heading(phone, "Set up your sign-in again")
    with next_page(phone):
        phone.get_by_role("button", name="Set up my sign-in").click()
    heading(phone, "How you will sign in")
    set_up_app(phone)
    phone.goto("/diary/")
    expect(phone).to_have_url(re.compile(r"/diary/"))

    owner.get_by_text("End their work here").click()
    with next_page(owner):
        owner.get_by_role("button", name="Nina Newcomer has left").click()
    expect(owner.locator("#notice")).to_contain_text("Nina Newcomer left")
    phone.goto("/diary/")
    expect(phone).to_have_url(re.compile(r"/accounts/login/"))
