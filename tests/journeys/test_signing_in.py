"""A patient signs in by code and by passkey, in a real browser with a device that holds passkeys."""

from __future__ import annotations

import re
import uuid

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from clinic.accounts.models import User
from tests.journeys.support.visitor import WIDTHS, assert_sound, heading, next_page

A_CODE = re.compile(r"^[B-Z]{4}-[B-Z]{4}$", re.MULTILINE)
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def patient(clinic):
    user = User.objects.create_user(f"willow-{uuid.uuid4().hex[:8]}@example.com", name="Demo Willow")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def code_for(letter_to):
    return lambda address: A_CODE.search(letter_to(address)).group()


class Device:
    """What holds passkeys, as Chromium plays it."""

    def __init__(self, page):
        self.talk = page.context.new_cdp_session(page)
        self.talk.send("WebAuthn.enable")
        self.id = self.talk.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def knows_its_owner(self, does):
        self.talk.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": does})

    def passkeys(self):
        return self.talk.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]


def sign_in_by_code(page, patient, code_for):
    page.goto("/accounts/login/")
    page.locator("#id_email").fill(patient.email)
    with next_page(page):
        page.get_by_role("button", name="Email me a code").click()
    heading(page, "Type your code")
    assert_sound(page, WIDTHS)
    page.get_by_label("Code").fill(code_for(patient.email))
    with next_page(page):
        page.get_by_role("button", name="Sign in", exact=True).click()
    heading(page, "Your visits")


def test_a_passkey_is_added_used_renamed_and_removed(visit, patient, code_for):
    page = visit()
    device = Device(page)
    sign_in_by_code(page, patient, code_for)

    page.goto("/my/security/")
    with next_page(page):
        page.get_by_role("link", name="Add a passkey").click()
    heading(page, "Add a passkey")
    assert_sound(page, WIDTHS)
    page.get_by_label("Name of this passkey").fill("My phone")
    with next_page(page):
        page.get_by_role("button", name="Add a passkey").click()
    heading(page, "Passkeys")
    expect(page.get_by_text("Your passkey is added.")).to_be_visible()
    expect(page.get_by_role("term").filter(has_text="My phone")).to_be_visible()
    expect(page.get_by_text("recovery codes")).to_have_count(0)
    assert_sound(page, WIDTHS)
    assert [one["isResidentCredential"] for one in device.passkeys()] == [True]

    sign_out(page)
    page.goto("/accounts/login/?next=/my/security/")
    with next_page(page):
        page.get_by_role("button", name="Sign in with a passkey").click()
    heading(page, "Security")
    expect(page.get_by_text(re.compile(r"^\s*1 passkey\b"))).to_be_visible()

    with next_page(page):
        page.get_by_role("link", name="Change passkeys").click()
    with next_page(page):
        page.get_by_role("link", name="Rename My phone").click()
    page.get_by_label("Name").fill("The tablet")
    with next_page(page):
        page.get_by_role("button", name="Save").click()
    with next_page(page):
        page.get_by_role("link", name="Remove The tablet").click()
    with next_page(page):
        page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("You have none yet.")).to_be_visible()
    assert not Authenticator.objects.filter(user=patient).exists()


@pytest.mark.proof
def test_a_passkey_asks_once_more_who_it_is(visit, patient, code_for):
    page = visit()
    Device(page)
    sign_in_by_code(page, patient, code_for)
    page.goto("/accounts/2fa/webauthn/add/")
    with next_page(page):
        page.get_by_role("button", name="Add a passkey").click()

    page.goto("/accounts/2fa/webauthn/reauthenticate/?next=/accounts/sessions/")
    heading(page, "Is it you?")
    assert_sound(page, WIDTHS)
    with next_page(page):
        page.get_by_role("button", name="Use my passkey").click()
    heading(page, "Devices")
    expect(page.get_by_text("This device")).to_be_visible()


@pytest.mark.proof
def test_a_passkey_elsewhere_leaves_the_code(visit, patient, code_for):
    """A patient's passkey is on one phone; on another the code must do."""
    page = visit()
    Device(page)
    sign_in_by_code(page, patient, code_for)
    page.goto("/accounts/2fa/webauthn/add/")
    with next_page(page):
        page.get_by_role("button", name="Add a passkey").click()

    sign_in_by_code(visit(width=1280), patient, code_for)


@pytest.mark.proof
def test_a_device_that_does_not_know_its_owner_is_told_from_one_that_does(visit, patient, code_for):
    page = visit()
    device = Device(page)
    sign_in_by_code(page, patient, code_for)
    device.knows_its_owner(False)
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="Add a passkey").click()

    expect(page.get_by_text("That did not work: no passkey was used.")).to_be_visible()
    assert_sound(page)
    assert not Authenticator.objects.filter(user=patient).exists()


def test_without_a_script_a_code_signs_in(visit, patient, code_for):
    page = visit(has_script=False, is_watched=False)
    page.goto("/accounts/login/")
    page.locator("#id_email").fill(patient.email)
    page.get_by_role("button", name="Email me a code").click()
    page.get_by_label("Code").fill(code_for(patient.email))
    page.get_by_role("button", name="Sign in", exact=True).click()

    heading(page, "Your visits")


def sign_out(page):
    page.goto("/my/security/")
    with next_page(page):
        page.get_by_role("button", name="Sign out").click()
