"""A session is a row here and a random key there; once it is over, the key opens nothing."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

pytestmark = pytest.mark.django_db
KEY = re.compile(r"[a-z0-9]{32}")  # 165 bits


def is_in(key):
    client = Client()
    client.cookies["sessionid"] = key
    return client.get("/my/security/").status_code == 200


def test_the_browser_holds_a_random_key_and_nothing_else(client, patient, sign_in_by_code):
    sign_in_by_code(client, patient)
    first = client.cookies["sessionid"].value
    client.post("/accounts/logout/")
    sign_in_by_code(client, patient)
    second = client.cookies["sessionid"].value

    assert KEY.fullmatch(first)
    assert KEY.fullmatch(second)
    assert first != second


def test_a_key_that_was_made_up_opens_nothing(client, patient, sign_in_by_code):
    sign_in_by_code(client, patient)

    assert is_in(client.cookies["sessionid"].value)
    assert not is_in("a" * 32)


def test_after_signing_out_the_key_opens_nothing(client, patient, sign_in_by_code):
    sign_in_by_code(client, patient)
    key = client.cookies["sessionid"].value

    client.post("/accounts/logout/")

    assert not is_in(key)
    assert not Session.objects.filter(session_key=key).exists()


def test_reading_a_page_signs_nobody_in_or_out(client, patient, sign_in_by_code):
    client.get("/accounts/login/")
    assert "_auth_user_id" not in client.session
    sign_in_by_code(client, patient)

    client.get("/accounts/logout/")

    assert is_in(client.cookies["sessionid"].value)


def test_what_stands_in_the_address_is_not_taken_for_the_form(client, patient, letters):
    client.post(f"/accounts/login/code/?email={patient.email}")
    assert letters() == []

    client.post("/accounts/login/code/?email=nobody@example.com", {"email": patient.email})
    assert [letter.to for letter in letters()] == [[patient.email]]
