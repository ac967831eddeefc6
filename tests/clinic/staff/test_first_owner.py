"""The first hour of a new install, as `docs/operations.md` tells it: from `createsuperuser` to an owner of the clinic."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.test import Client

from clinic.accounts.models import User
from clinic.staff.people import owners
from tests.clinic.staff.conftest import keep_a_code, letters, set_up_app

FIRST = "first@clinic.example"
PASSWORD = "a-word-of-the-first-hour"
A_CODE = re.compile(r"^[B-Z]{4}-[B-Z]{4}$", re.MULTILINE)


def newest_code():
    return A_CODE.search([letter.body for letter in letters() if FIRST in letter.to][-1]).group()


def by_password(browser):
    return browser.post("/accounts/login/", {"login": FIRST, "password": PASSWORD}, follow=True)


def by_code(browser):
    browser.post("/accounts/login/code/", {"email": FIRST})
    return browser.post("/accounts/login/code/confirm/", {"code": newest_code()}, follow=True)


@pytest.mark.django_db(transaction=True)  # the new app counts for its session once it is committed
@pytest.mark.parametrize("sign_in", [by_password, by_code])
def test_a_superuser_enrols_and_makes_themselves_an_owner(sign_in, monkeypatch, cache_of_this_test):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", interactive=False, email=FIRST, verbosity=0)
    first, browser = User.objects.get(email=FIRST), Client()

    assert sign_in(browser).request["PATH_INFO"] == "/accounts/start/"
    assert browser.post("/accounts/start/", {"name": ""}).content.decode().count("There is a problem") == 1
    browser.post("/accounts/start/", {"name": "Fay First"})
    set_up_app(browser)
    assert "Confidentiality" in keep_a_code(browser).content.decode()
    done = browser.post("/accounts/start/", {"agreed": "on"}, follow=True)
    assert (done.request["PATH_INFO"], done.status_code) == ("/diary/", 200)
    people = browser.get("/staff/").content.decode()
    assert "None yet" in people
    assert "Nobody is owner yet" in people
    saved = browser.post(f"/staff/{first.pk}/", {"roles": ["owner"]}, follow=True)
    assert saved.request["PATH_INFO"] == f"/staff/{first.pk}/"
    assert "roles changed" in saved.content.decode()

    assert list(owners()) == [first]
