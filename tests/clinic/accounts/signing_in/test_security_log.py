"""Sign-ins, refused ones and refused rights are logged: who, by number, in which request, and nobody's name or address."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories.browsers import just_signed_in
from tests.factories.clinic import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(caplog):
    caplog.set_level("INFO", "clinic.security")

    def said():
        lines = [(one.message, getattr(one, "user", None), getattr(one, "method", None)) for one in caplog.records]
        caplog.clear()
        return [line for line in lines if "sign" in line[0] or line[0] == "refused"]

    return said


@pytest.fixture
def patient():
    user = UserFactory(email="canary-sam@example.com")
    user.emailaddress_set.update_or_create(email=user.email, defaults={"verified": True, "primary": True})
    return user


def test_a_sign_in_by_code_and_its_wrong_tries(client, patient, said):
    client.post("/accounts/login/code/", {"email": patient.email})
    for code in ("AAAA-AAAA", "BBBB-BBBB"):
        client.post("/accounts/login/code/confirm/", {"code": code})
    assert said() == [("sign-in refused", patient.pk, "code")] * 2

    client.post("/accounts/logout/")
    client.force_login(patient)
    client.post("/accounts/logout/")
    assert said() == [("signed in", patient.pk, None), ("signed out", patient.pk, None)]


def test_a_wrong_password_names_nobody(client, patient, said):
    patient.set_password("a-long-word-for-it")
    patient.save()

    client.post("/accounts/login/", {"login": patient.email, "password": "something-else"})

    assert ("sign-in refused", None, "password") in said()


def test_a_right_that_is_refused_names_who_and_the_view(caplog):
    desk = StaffFactory(role="desk")
    client = just_signed_in(desk, method="mfa")
    caplog.set_level("INFO", "clinic.security")

    assert client.get("/staff/").status_code == 403

    (line,) = [one for one in caplog.records if one.message == "refused"]
    assert (line.status, line.user) == (403, desk.pk)
    assert line.view
    assert desk.email not in caplog.text


def test_a_limit_that_is_reached_is_logged(client, settings, monkeypatch, said, cache_of_this_test):
    from bookings.api import limits  # noqa: PLC0415 -- of the API alone
    from clinic.core.web.rate_limits import Limit  # noqa: PLC0415

    settings.RATE_LIMITS = True
    monkeypatch.setattr(limits, "READS", Limit("reads", 1, 86_400))
    for _ in range(2):
        client.get("/api/v1/treatments")

    assert [line[0] for line in said()] == ["refused"]


def test_a_forged_form_is_logged(said):
    assert Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "canary"}).status_code == 403

    assert said() == [("refused", None, None)]


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND"])
def test_other_methods_than_ours_are_refused(client, method):
    answer = client.generic(method, "/", headers={"Cookie": "canary=1"})

    assert answer.status_code == 405
    assert b"canary" not in answer.content
