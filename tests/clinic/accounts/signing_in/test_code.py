"""Sign in and sign up by an emailed code: three tries, however many at once, and nobody learns who has an account."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connections
from django.test import Client

from clinic.accounts.models import User
from clinic.core import clock

pytestmark = pytest.mark.django_db
ASK, CONFIRM, SIGN_UP = "/accounts/login/code/", "/accounts/login/code/confirm/", "/accounts/signup/"
WRONG = "ZZZZ-ZZZZ"
TOKENS = re.compile(r'(?:value|name)="[^"]{20,}"|[\w.+-]+@example\.com')


def is_in(client):
    return "_auth_user_id" in client.session


def test_a_code_signs_in(client, patient, sign_in_by_code):
    sign_in_by_code(client, patient)

    assert client.session["_auth_user_id"] == str(patient.pk)


def test_whoever_was_on_the_way_to_a_page_lands_there(client, patient, code_for):
    asked = client.post(ASK, {"email": patient.email, "next": "/my/security/"})
    assert asked["Location"] == f"{CONFIRM}?next=%2Fmy%2Fsecurity%2F"
    page = client.get(asked["Location"])
    assert 'value="/my/security/"' in page.content.decode()

    done = client.post(CONFIRM, {"code": code_for(patient.email).lower().replace("-", " "), "next": "/my/security/"})
    assert done["Location"] == "/my/security/"


def test_the_third_wrong_try_ends_the_code(client, patient, code_for):
    client.post(ASK, {"email": patient.email})
    code = code_for(patient.email)
    answers = [client.post(CONFIRM, {"code": WRONG}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 302]
    client.post(CONFIRM, {"code": code})
    assert not is_in(client)


def test_a_code_that_is_sent_anew_has_no_more_tries(client, patient, code_for):
    client.post(ASK, {"email": patient.email})
    client.post(CONFIRM, {"code": WRONG})
    client.post(CONFIRM, {"code": WRONG})
    client.post(CONFIRM, {"action": "resend"})
    code = code_for(patient.email)
    client.post(CONFIRM, {"code": WRONG})
    client.post(CONFIRM, {"code": code})

    assert not is_in(client)


def test_a_new_code_makes_the_one_before_worthless(client, patient, code_for):
    client.post(ASK, {"email": patient.email})
    first = code_for(patient.email)
    client.post(CONFIRM, {"action": "resend"})
    second = code_for(patient.email)

    assert first != second
    client.post(CONFIRM, {"code": first})
    assert not is_in(client)
    client.post(CONFIRM, {"code": second})
    assert is_in(client)


def test_a_code_that_is_sent_anew_lives_as_long_as_its_letter_says(client, patient, code_for):
    began = clock.now()
    client.post(ASK, {"email": patient.email})
    with time_machine.travel(began + timedelta(minutes=9), tick=True):
        client.post(CONFIRM, {"action": "resend"})
        code = code_for(patient.email)
    with time_machine.travel(began + timedelta(minutes=18), tick=True):
        client.post(CONFIRM, {"code": code})

    assert is_in(client)


def test_a_code_dies_after_ten_minutes(client, patient, code_for):
    client.post(ASK, {"email": patient.email})
    code = code_for(patient.email)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=5), tick=True):
        client.post(CONFIRM, {"code": code})

    assert not is_in(client)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
@pytest.mark.parametrize("page", ["sign in", "sign up", "forgotten password"])
def test_64_tries_at_once_are_three(client, patient_with_password, code_for, monkeypatch, page):
    """allauth counts in the session, which all of them read before any has written."""
    asked, confirm = {
        "sign in": (ASK, CONFIRM),
        "sign up": (SIGN_UP, "/accounts/confirm-email/"),
        "forgotten password": ("/accounts/password/reset/", "/accounts/password/reset/confirm/"),
    }[page]
    address = "new@example.com" if page == "sign up" else patient_with_password.email
    client.post(asked, {"email": address})
    code_for(address)
    compared = []
    monkeypatch.setattr("allauth.account.forms.compare_user_code", lambda **given: compared.append(given) and False)

    def attempt(_number):
        try:
            other = Client()
            other.cookies = client.cookies
            return other.post(confirm, {"code": WRONG}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(attempt, range(64)))

    assert len(compared) == 3
    assert set(answers) <= {200, 302}


def test_an_unknown_address_gets_the_same_pages(patient, letters):
    """And a letter that says so, and how to book without an account."""
    pages = {}
    for address in (patient.email, "nobody@example.com"):
        client = Client()
        asked = client.post(ASK, {"email": address})
        page = client.get(asked["Location"])
        wrong = client.post(CONFIRM, {"code": WRONG})
        again = client.post(CONFIRM, {"action": "resend"}, follow=True)
        answers = (asked, page, wrong, again)
        pages[address] = [(one.status_code, TOKENS.sub("", one.content.decode())) for one in answers]

    assert pages[patient.email] == pages["nobody@example.com"]
    (told,) = [letter for letter in letters() if letter.to == ["nobody@example.com"]]
    assert told.subject == "There is no account with this address"
    assert "http://testserver/book/" in told.body
    assert "http://testserver/visit/find/" in told.body


def test_an_address_with_an_account_signs_up_to_the_same_pages(patient, letters):
    pages = {}
    for address in (patient.email, "nobody@example.com"):
        client = Client()
        asked = client.post(SIGN_UP, {"email": address})
        page = client.get(asked["Location"])
        wrong = client.post("/accounts/confirm-email/", {"code": WRONG})
        answers = (asked, page, wrong)
        pages[address] = [
            (one.status_code, one.get("Location"), TOKENS.sub("", one.content.decode())) for one in answers
        ]

    assert pages[patient.email] == pages["nobody@example.com"]
    (told,) = [letter for letter in letters() if letter.to == [patient.email]]
    assert told.subject == "You have an account already"


def test_who_signs_up_is_a_patient_without_a_password(client, code_for):
    client.post(SIGN_UP, {"email": "New@Example.com", "is_staff": "on", "is_superuser": "on", "password1": "x" * 12})
    answer = client.post("/accounts/confirm-email/", {"code": code_for("new@example.com")}, follow=True)

    user = User.objects.get(email="new@example.com")
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (False, False, False)
    assert is_in(client)
    assert answer.request["PATH_INFO"] == "/my/"
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200  # not asked again who they are


@pytest.mark.parametrize("address", [ASK, SIGN_UP, "/accounts/login/", "/accounts/password/reset/"])
def test_without_a_cache_codes_refuse_kindly_and_browsing_goes_on(client, patient, settings, letters, address):
    settings.CACHES = {"default": {**AWAY}}
    typed = {"email": patient.email, "login": patient.email, "password": "any"}
    answer = client.post(address, typed)

    assert answer.status_code == 503
    assert "Codes do not work just now" in answer.content.decode()
    assert "/visit/find/" in answer.content.decode()
    assert letters() == []
    assert client.get("/visit/find/").status_code == 200
    assert client.get(address).status_code == 200


def test_without_a_cache_a_code_is_not_tried(client, patient, settings, code_for):
    client.post(ASK, {"email": patient.email})
    code = code_for(patient.email)
    here = settings.CACHES
    settings.CACHES = {"default": {**AWAY}}
    assert client.post(CONFIRM, {"code": code}).status_code == 503
    assert not is_in(client)

    settings.CACHES = here
    client.post(CONFIRM, {"code": code})
    assert is_in(client)


AWAY = {
    "BACKEND": "django_redis.cache.RedisCache",
    "LOCATION": "redis://127.0.0.1:9",
    "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
}
