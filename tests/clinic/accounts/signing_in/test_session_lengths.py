"""How long somebody stays signed in: staff a day's work, patients as they tick."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from clinic.core import clock

pytestmark = pytest.mark.django_db
ENDS_WITH_BROWSER = ""
THIRTY_DAYS = 30 * 24 * 3600


def age_of(client):
    return client.cookies["sessionid"]["max-age"]


def is_in_after(client, delay):
    with time_machine.travel(clock.now() + delay, tick=True):
        return client.get("/my/security/").status_code == 200


@pytest.mark.parametrize("way", ["code", "password"])
def test_a_patient_who_ticks_stays_for_thirty_days(
    client, patient_with_password, sign_in_by_code, sign_in_by_password, way
):
    sign_in = sign_in_by_code if way == "code" else sign_in_by_password
    sign_in(client, patient_with_password, remember="on")

    assert age_of(client) == THIRTY_DAYS
    assert is_in_after(client, timedelta(days=29))
    assert not is_in_after(client, timedelta(days=31))


@pytest.mark.parametrize("way", ["code", "password"])
def test_a_patient_who_does_not_is_gone_with_the_browser(
    client, patient_with_password, sign_in_by_code, sign_in_by_password, way
):
    sign_in = sign_in_by_code if way == "code" else sign_in_by_password
    sign_in(client, patient_with_password)

    assert age_of(client) == ENDS_WITH_BROWSER


def test_staff_are_gone_with_the_browser_and_after_twelve_hours_whatever_they_tick(client, nurse, sign_in_by_password):
    sign_in_by_password(client, nurse, remember="on")

    assert age_of(client) == ENDS_WITH_BROWSER
    for hours in (4, 8, 11):  # also one that is in use all day
        with time_machine.travel(clock.now() + timedelta(hours=hours), tick=True):
            client.get("/my/security/")
            session = client.session
            session["used"] = hours
            session.save()
    assert is_in_after(client, timedelta(hours=11, minutes=50))
    assert not is_in_after(client, timedelta(hours=12, minutes=1))


def test_signing_in_changes_the_key_of_the_session(client, patient, code_for):
    client.post("/accounts/login/code/", {"email": patient.email})
    before = client.session.session_key
    client.post("/accounts/login/code/confirm/", {"code": code_for(patient.email)})

    assert client.session.session_key != before
