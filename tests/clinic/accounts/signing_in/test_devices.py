"""Where somebody is signed in: the browser in words, and when it was last seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from bs4 import BeautifulSoup
from django.test import Client

from clinic.accounts.signing_in.devices import in_words
from clinic.core import clock

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
DESK = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (PHONE, "Safari on an iPhone"),
        (DESK, "Chrome on Windows"),
        (f"{DESK} Edg/140.0.0.0", "Edge on Windows"),
        (f"{DESK} OPR/120.0.0.0", "Opera on Windows"),
        (f"Mozilla/5.0 (Linux; Android 15; SM-S921B) {WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
         "Samsung Internet on an Android phone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15", "Safari on a Mac"),
        ("curl/8.9", "A browser we do not know"),
        ("", "A browser we do not know"),
    ],
)  # fmt: skip
def test_a_browser_in_words(user_agent, words):
    assert in_words(user_agent) == words


@pytest.mark.django_db
def test_the_devices_are_listed_this_one_first(patient_with_password, sign_in_by_password):
    phone, desk = Client(headers={"user-agent": PHONE}), Client(headers={"user-agent": DESK})
    sign_in_by_password(phone, patient_with_password)
    sign_in_by_password(desk, patient_with_password)

    page = BeautifulSoup(phone.get("/accounts/sessions/").content, "html.parser")
    assert [one.get_text() for one in page.select("dt")] == ["Safari on an iPhone", "Chrome on Windows"]
    assert "This device" in page.select_one("dd").get_text()
    assert "127.0.0.1" not in page.get_text()
    desk.post("/accounts/sessions/")
    assert phone.get("/accounts/sessions/").status_code == 302
    assert desk.get("/accounts/sessions/").status_code == 200


@pytest.mark.django_db
def test_when_it_was_last_seen_is_noted_once_a_minute(client, patient_with_password, sign_in_by_password):
    sign_in_by_password(client, patient_with_password)
    began = clock.now()
    with time_machine.travel(began + timedelta(minutes=5), tick=False):
        client.get("/privacy/")
        client.get("/my/security/")
        seen = UserSession.objects.get().last_seen_at
        assert seen - began >= timedelta(minutes=4)
    with time_machine.travel(began + timedelta(minutes=5, seconds=20), tick=False):
        client.get("/my/security/")
        assert UserSession.objects.get().last_seen_at == seen
    with time_machine.travel(began + timedelta(minutes=7), tick=False):
        client.get("/my/security/")
        assert UserSession.objects.get().last_seen_at > seen
