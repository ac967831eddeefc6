"""A sign-in on a device that is new to an account is told, and on one that is known it is not."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
SUBJECT = "You signed in on a new device"


def told(letters):
    return [letter.subject for letter in letters()].count(SUBJECT)


def test_only_a_new_device_of_an_account_that_was_used_before(patient, sign_in_by_code, letters):
    first = Client()
    sign_in_by_code(first, patient)
    assert told(letters) == 0

    first.post("/accounts/logout/")
    sign_in_by_code(first, patient)
    assert told(letters) == 0

    sign_in_by_code(Client(), patient)
    assert told(letters) == 1


def test_the_cookie_goes_to_the_sign_in_pages_alone(patient, sign_in_by_code):
    client = Client()
    sign_in_by_code(client, patient)
    cookie = client.cookies["known_browser"]

    assert (cookie["path"], bool(cookie["httponly"]), cookie["samesite"]) == ("/accounts/", True, "Lax")
    assert patient.email not in cookie.value
