"""A patient books as a guest, makes an account by code, finds their record, changes it, and asks somebody to help."""

from __future__ import annotations

import re
import uuid

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from clinic.accounts.models import User
from clinic.patients.models import PatientAccess
from tests.journeys.support.patient import Patient
from tests.journeys.support.visitor import assert_sound, heading, next_page

A_CODE = re.compile(r"^[B-Z]{4}-[B-Z]{4}$", re.MULTILINE)
A_LINK = re.compile(r"https?://\S+/helping/[\w-]+/")


@pytest.fixture
def code_for(letter_to):
    return lambda address: A_CODE.search(letter_to(address)).group()


def press(page, name):
    with next_page(page):
        page.get_by_role("button", name=name, exact=True).click()


def follow(page, name):
    with next_page(page):
        page.get_by_role("navigation", name="Your account").get_by_role("link", name=name).click()


def make_account(page, address, code_for):
    page.goto("/accounts/signup/")
    page.get_by_label("Email address").fill(address)
    with next_page(page):
        page.locator("main form button[type=submit]").first.click()
    page.get_by_label("Code").fill(code_for(address))
    with next_page(page):
        page.locator("main form button[type=submit]").first.click()
    heading(page, "Your visits")


@pytest.mark.parametrize("has_script", [True, pytest.param(False, marks=pytest.mark.proof)])
def test_from_a_guest_to_somebody_who_helps(visit, code_for, letter_to, has_script):
    look = assert_sound if has_script else lambda page: None  # axe is a script
    guest = Patient(visit())
    guest.given_a_visit()
    page = visit(has_script=has_script)
    make_account(page, guest.email, code_for)

    with next_page(page):
        page.get_by_role("link", name="Find your visits").click()
    page.get_by_label("Full name").fill(guest.name)
    Patient(page).when_they_say_their_birthday("27", "March", "1988")
    press(page, "Find my visits")
    expect(page.get_by_role("heading", name="Coming up")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^Move"))).to_be_visible()
    look(page)

    follow(page, "Details")
    page.get_by_label("Anything that would make a visit easier").fill("A hearing loop")
    press(page, "Save")
    expect(page.get_by_text("Your details are saved.")).to_be_visible()
    look(page)
    assert "/not-me/" in letter_to(guest.email)

    follow(page, "Messages")
    with next_page(page):
        page.locator("main dl a").first.click()
    look(page)

    helper = f"helper-{uuid.uuid4().hex[:8]}@example.com"
    follow(page, "People")
    page.get_by_label("Their email address").fill(helper)
    press(page, "Send an invitation")
    expect(page.get_by_role("heading", name="Invited")).to_be_visible()
    look(page)

    other = visit(has_script=has_script)
    user = User.objects.create_user(helper)
    EmailAddress.objects.create(user=user, email=helper, verified=True, primary=True)
    other.goto(A_LINK.search(letter_to(helper)).group())
    other.locator("#id_email").fill(helper)
    press(other, "Email me a code")
    other.get_by_label("Code").fill(code_for(helper))
    press(other, "Sign in")
    heading(other, f"Help {guest.name}")
    other.get_by_label("I am 18 or over").check()
    look(other)
    press(other, "I will help")
    expect(other.get_by_text(f"for {guest.name}").first).to_be_visible()
    look(other)

    follow(page, "People")
    page.get_by_text("What they opened").click()
    look(page)
    with next_page(page):
        page.get_by_role("button", name=re.compile("End it now")).click()
    other.goto("/my/")
    expect(other.get_by_text(f"for {guest.name}")).to_have_count(0)
    assert not PatientAccess.objects.filter(user=user, revoked_at=None).exists()
