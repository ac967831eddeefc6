"""Who has a password may choose any that is long enough and not everybody's; nothing of it is changed on its way."""

from __future__ import annotations

import random

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from clinic.accounts.models import User
from clinic.core.models import ClinicSettings
from tests.clinic.staff.conftest import enrolled
from tests.clinic.staff.conftest import signed_in as working

pytestmark = pytest.mark.django_db
SET, CHANGE = "/accounts/password/set/", "/accounts/password/change/"
FIRST = "the first of two"


def set_to(client, words):
    client.post(SET, {"password1": words, "password2": words})


def opens(user, words):
    user.refresh_from_db()
    return user.has_usable_password() and user.check_password(words)


@pytest.fixture
def signed_in(client, patient, sign_in_by_code):
    sign_in_by_code(client, patient)
    return client


def test_no_account_is_there_from_the_start():
    assert not User.objects.exists()


@pytest.mark.parametrize("words", ["7 signs", "password1", "qwertyuiop", "iloveyou2", "sam@example.com", "19283746"])
def test_what_is_short_common_or_ones_own_address_is_refused(signed_in, patient, words):
    set_to(signed_in, words)

    assert not opens(patient, words)


@pytest.mark.parametrize(
    "words", ["nur kleine", "ünïcödé ✓ 漢字", "ALLCAPITALS", "0" * 3 + "8" * 9, "eight 8s", "long " * 26]
)
def test_any_signs_and_up_to_a_hundred_and_more_are_taken(signed_in, patient, words):
    words = words.strip()

    set_to(signed_in, words)

    assert opens(patient, words)


@pytest.mark.parametrize(
    "near", ["Some Words of ours", "some words of ours ", "some words of our", " some words of ours"]
)
def test_it_is_compared_as_it_was_typed(rf, signed_in, patient, near):
    words = "some words of ours"
    set_to(signed_in, words)

    assert authenticate(rf.post("/"), email=patient.email, password=words) == patient
    assert authenticate(rf.post("/"), email=patient.email, password=near) is None


def test_a_change_asks_for_the_one_before(signed_in, patient):
    set_to(signed_in, FIRST)
    asked = {"password1": "and another one", "password2": "and another one"}

    for wrong in ({}, {"oldpassword": "not " + FIRST}):
        signed_in.post(CHANGE, asked | wrong)
        assert opens(patient, FIRST)
    signed_in.post(CHANGE, asked | {"oldpassword": FIRST})

    assert opens(patient, "and another one")


def test_boxes_hide_it_and_let_managers_fill_it_in(client, signed_in):
    page = BeautifulSoup(signed_in.get(SET).content, "html.parser")
    boxes = [box for box in page.select("form input") if box.get("name", "").startswith("password")]

    assert len(boxes) == 2
    assert all((box["type"], box.get("autocomplete")) == ("password", "new-password") for box in boxes)
    assert not any(name.startswith("on") for box in boxes for name in box.attrs)


def test_no_code_can_be_foreseen(client, patient, code_for):
    """34 bits of the system's own chance: another program's seed changes nothing."""
    codes = set()
    for _ in range(2):
        random.seed(7)
        client.cookies.clear()
        client.post("/accounts/login/code/", {"email": patient.email})
        codes.add(code_for(patient.email))

    assert len(codes) == 2
    assert all(len(code.replace("-", "")) == 8 for code in codes)


@pytest.fixture
def nurse(settings):
    """Enrolled before passwords were closed to staff, with one."""
    settings.STAFF_SECOND_FACTOR = True
    nurse = enrolled(role="practitioner", email="nurse@clinic.example")
    nurse.set_password(FIRST)
    nurse.save()
    return nurse


def test_staff_set_none_and_change_none(nurse):
    browser, sent = working(nurse), {"oldpassword": FIRST, "password1": "and another", "password2": "and another"}

    for address in (SET, CHANGE):
        for answer in (browser.get(address), browser.post(address, sent)):
            assert answer["Location"] == "/my/security/"

    page = browser.get("/my/security/").content.decode()
    assert "signs in without a password" in page
    assert CHANGE not in page
    assert opens(nurse, FIRST)


def test_staff_who_forgot_one_are_told_that_they_need_none(client, nurse, letters):
    asked = client.post("/accounts/password/reset/", {"email": nurse.email})
    like_anyone = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})

    assert (asked.status_code, asked["Location"]) == (like_anyone.status_code, like_anyone["Location"])
    assert [letter.subject for letter in letters() if letter.to == [nurse.email]] == ["You sign in without a password"]
    assert opens(nurse, FIRST)


def test_the_demo_goes_on_with_its_passwords(nurse, settings):
    settings.STAFF_SECOND_FACTOR = False
    browser = working(nurse)

    browser.post(CHANGE, {"oldpassword": FIRST, "password1": "and another", "password2": "and another"})

    assert opens(nurse, "and another")


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("Juvenology2027!", False),
        ("skin-clinic-99", False),
        ("Harbourside1234", False),  # as the clinic of the test is called
        ("nursediaryx7", False),
        ("clinic of seven quiet herons", True),
        ("seven quiet herons", True),
    ],
)
def test_the_clinics_own_words_make_no_password(db, password, is_taken):
    ClinicSettings.objects.update_or_create(defaults={"name": "Harbourside"})
    told = []

    try:
        validate_password(password)
    except ValidationError as refusal:
        told = refusal.messages

    assert (told == []) is is_taken
    assert is_taken or any("clinic's name" in one for one in told)
