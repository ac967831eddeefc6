"""A patient has a copy made and is erased, an owner answers a letter, in a real browser, at both widths, without script too."""

from __future__ import annotations

import os
import uuid
import zipfile
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from clinic.accounts.models import User
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.privacy import copies, requests
from tests.clinic.privacy.someone import someone
from tests.journeys.support.visitor import WIDTHS, assert_sound, heading, next_page, sign_in, sign_in_by_form


def shoot(page, name):
    """Keep a picture of the page at both widths where `SHOTS` names a folder."""
    if folder := os.environ.get("SHOTS"):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


@pytest.fixture
def willow(clinic, settings):
    settings.COPIES_DIR = clinic.data_dir / "copies"
    _, account = someone(f"willow{uuid.uuid4().hex[:6]}", is_seen=True, number="+447700900777")
    EmailAddress.objects.filter(user=account).update(verified=True)
    account.authenticator_set.all().delete()
    account.set_password("demo-clinic")
    account.save()
    return account


@pytest.mark.parametrize("has_script", [True, pytest.param(False, marks=pytest.mark.proof)])
def test_a_patient_has_a_copy_made_and_is_erased(visit, willow, has_script):
    page = visit(has_script=has_script)
    sign_in_by_form(page, willow.email)

    page.goto("/my/data/")
    heading(page, "Your data")
    if has_script:
        assert_sound(page)
    with next_page(page):
        page.get_by_role("button", name="Make a copy").click()
    expect(page.get_by_text("Your copy is being made")).to_be_visible()
    copies.look(clock.now())
    page.goto("/my/data/")
    shoot(page, "my-data")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(Path(coming.value.path())) as found:
        assert willow.email.encode() in found.read("record.html")
        if folder := os.environ.get("SHOTS"):
            found.extractall(folder)

    with next_page(page):
        page.get_by_role("link", name="Delete my data").click()
    if has_script:
        assert_sound(page)
    shoot(page, "delete")
    page.get_by_label("Yes, delete it").check()
    with next_page(page):
        page.get_by_role("button", name="Delete my data").click()
    heading(page, "Your data is deleted")
    if has_script:
        assert_sound(page)
    shoot(page, "deleted")

    assert not User.objects.filter(pk=willow.pk).exists()


def test_the_desk_takes_a_letter_in_and_an_owner_refuses_it(visit, clinic):
    patient = Patient.objects.current().order_by("pk").first()
    desk = visit(width=1280)
    sign_in(desk, "desk@example.com")
    desk.goto(f"/diary/patients/{patient.reference}/")
    with next_page(desk):
        desk.get_by_role("link", name="Data request").click()
    assert_sound(desk)
    shoot(desk, "take-in")
    desk.get_by_label("An objection").check()
    desk.get_by_label("How it came").select_option("letter")
    desk.get_by_label("In their words").fill("No more letters, please.")
    with next_page(desk):
        desk.get_by_role("button", name="Take it in").click()
    expect(desk.get_by_text("An owner answers it")).to_be_visible()

    requests.take_in("erase", channel="phone", patient=patient, words="", received_on=clock.today(), now=clock.now())
    owner = visit(width=1280)
    sign_in(owner, "owner@example.com")
    owner.goto("/diary/requests/")
    heading(owner, "Data requests")
    assert_sound(owner)
    shoot(owner, "requests")
    with next_page(owner):
        owner.get_by_role("row", name="An objection").filter(has_text=patient.full_name).get_by_role("link").click()
    assert_sound(owner)
    shoot(owner, "request")
    owner.get_by_text("Refuse", exact=True).click()
    owner.get_by_label("Why", exact=True).select_option("unfounded")
    owner.locator("#refuse-outcome").fill("These letters are about your visits.")
    shoot(owner, "refuse")
    with next_page(owner):
        owner.get_by_role("button", name="Refuse it").click()
    expect(owner.get_by_text("Refused, with the reason")).to_be_visible()
