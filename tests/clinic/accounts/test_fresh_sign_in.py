"""What lets people in or takes data out asks once more who it is, also somebody whom allauth knows no way to ask."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.models import UserSession
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from bookings.tasks import send_due_messages
from clinic import urls as whole_site
from clinic.accounts.fresh_sign_in import fresh_sign_in_required
from clinic.core import clock
from tests.factories.clinic import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
CONFIRM = "/accounts/confirm/code/"
LATER = timedelta(minutes=6)
A_CODE = re.compile(r"^[B-Z]{4}-[B-Z]{4}$", re.MULTILINE)
PASSKEY = {"name": "This device", "credential": {}}
done = []


@fresh_sign_in_required
def take_out(request):
    done.append((request.method, request.POST.get("what")))
    return HttpResponse("taken out")


urlpatterns = [path("take-out/", take_out), *whole_site.urlpatterns]


@pytest.fixture(autouse=True)
def _alone(settings, cache_of_this_test):
    settings.ROOT_URLCONF = __name__
    done.clear()


@pytest.fixture
def patient():
    user = UserFactory(email="sam@example.com")
    user.set_unusable_password()
    user.save()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def code(mailoutbox):
    def newest():
        send_due_messages()
        return A_CODE.search(mailoutbox[-1].body).group()

    return newest


@pytest.fixture
def signed_in(client, patient, code):
    """Somebody without a password or a passkey, signed in by a code."""
    client.post("/accounts/login/code/", {"email": patient.email})
    client.post("/accounts/login/code/confirm/", {"code": code()})
    return client


def later():
    return time_machine.travel(clock.now() + LATER, tick=True)


def test_nobody_passes_without_signing_in(client):
    answer = client.post("/take-out/", {"what": "everything"})

    assert answer["Location"].startswith("/accounts/login/")
    assert done == []


def test_whoever_has_just_signed_in_is_not_asked(signed_in):
    assert signed_in.get("/take-out/").content == b"taken out"


def test_later_a_code_is_asked_for_and_what_was_sent_is_done_once(signed_in, code, mailoutbox):
    with later():
        asked = signed_in.post("/take-out/", {"what": "everything"}, follow=True)
        assert done == []
        assert asked.request["PATH_INFO"] == CONFIRM
        assert "sam@example.com" in asked.content.decode()

        typed = {"code": code(), "next": "/take-out/"}
        assert mailoutbox[-1].to == ["sam@example.com"]
        answer = signed_in.post(CONFIRM, typed)
        assert answer.content == b"taken out"
        assert done == [("POST", "everything")]
        assert signed_in.get("/take-out/").content == b"taken out"  # for five minutes

    with time_machine.travel(clock.now() + 2 * LATER + timedelta(minutes=1), tick=True):
        assert signed_in.get("/take-out/")["Location"].startswith(CONFIRM)


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("/accounts/2fa/webauthn/add/", {"name": "x", "credential": "{}"}),
        ("/accounts/2fa/totp/activate/", {"code": "123456"}),
        ("/accounts/2fa/recovery-codes/generate/", {}),
        ("/accounts/email/", {"action_add": "yes", "email": "new@example.com"}),
        ("/accounts/password/set/", {"password1": "a-long-word-1", "password2": "a-long-word-1"}),
        ("/accounts/sessions/", {}),
    ],
)
def test_each_page_that_lets_people_in_asks(signed_in, patient, address, typed):
    with later():
        answer = signed_in.post(address, typed)

    assert answer.status_code == 302
    assert answer["Location"].startswith(CONFIRM)
    assert not Authenticator.objects.exists()
    assert list(patient.emailaddress_set.values_list("email", flat=True)) == ["sam@example.com"]


@pytest.mark.parametrize("what", ["edit", "remove"])
def test_a_passkey_is_kept_until_the_question_is_answered(signed_in, patient, what):
    key = Authenticator.objects.create(user=patient, type="webauthn", data={"name": "Old", "credential": {}})
    with later():
        answer = signed_in.post(f"/accounts/2fa/webauthn/keys/{key.pk}/{what}/", {"name": "New"})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/2fa/webauthn/reauthenticate/")
    key.refresh_from_db()
    assert key.data["name"] == "Old"


def test_the_passkey_is_asked_for_before_a_code(client):
    owner = StaffFactory(email="owner@example.com", role="owner")
    owner.emailaddress_set.create(email=owner.email, verified=True, primary=True)
    client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    Authenticator.objects.create(user=owner, type="webauthn", data={"name": "This device", "credential": {}})
    RecoveryCodes.activate(owner)
    with later():
        asked = client.get("/take-out/")

    assert asked["Location"].startswith("/accounts/2fa/webauthn/reauthenticate/")


def test_other_sessions_end_after_the_answer(signed_in, patient, code):
    elsewhere = Client(headers={"user-agent": "Mozilla/5.0 (iPhone) Version/18.0 Mobile Safari/604.1"})
    elsewhere.post("/accounts/login/code/", {"email": patient.email})
    elsewhere.post("/accounts/login/code/confirm/", {"code": code()})
    assert UserSession.objects.count() == 2
    with later():
        signed_in.post("/accounts/sessions/", follow=True)
        assert elsewhere.get("/my/security/").status_code == 200
        answer = signed_in.post(CONFIRM, {"code": code(), "next": "/accounts/sessions/"}, follow=True)

        assert "All other sessions are ended." in answer.content.decode()
        assert elsewhere.get("/my/security/").status_code == 302
        assert signed_in.get("/my/security/").status_code == 200


def test_whoever_has_a_password_is_asked_for_it(client):
    user = UserFactory(email="pat@example.com")
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    with later():
        asked = client.post("/take-out/", {"what": "everything"}, follow=True)
        assert asked.request["PATH_INFO"] == "/accounts/reauthenticate/"
        assert "Email me a code" in asked.content.decode()

        client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/take-out/"})
    assert done == [("POST", "everything")]


def test_staff_are_offered_no_code_beside_what_they_have(client):
    nurse = StaffFactory(email="nurse@example.com", role="practitioner")
    nurse.emailaddress_set.create(email=nurse.email, verified=True, primary=True)
    client.post("/accounts/login/", {"login": nurse.email, "password": PASSWORD})
    with later():
        asked = client.get("/take-out/", follow=True)
        assert asked.request["PATH_INFO"] == "/accounts/reauthenticate/"
        assert "Email me a code" not in asked.content.decode()
        assert client.get(CONFIRM)["Location"].startswith("/accounts/reauthenticate/")


def test_the_third_wrong_code_ends_it(signed_in, code):
    with later():
        signed_in.post("/take-out/", {"what": "everything"}, follow=True)
        right = code()
        answers = [signed_in.post(CONFIRM, {"code": "ZZZZ-ZZZZ", "next": "/take-out/"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 302]

        signed_in.post(CONFIRM, {"code": right, "next": "/take-out/"})
    assert done == []


def test_no_more_codes_are_sent_than_to_somebody_who_signs_in(signed_in, mailoutbox):
    with later():
        answers = []
        for _ in range(4):
            answers.append(signed_in.get(CONFIRM).status_code)
            for _ in range(3):
                signed_in.post(CONFIRM, {"code": "ZZZZ-ZZZZ"})
        before = len(mailoutbox)
        send_due_messages()

    assert answers == [200, 200, 200, 429]
    assert len(mailoutbox) - before == 3


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_64_tries_at_once_are_three(signed_in, code, monkeypatch):
    with later():
        signed_in.post("/take-out/", {"what": "everything"}, follow=True)
        code()
        compared = []
        monkeypatch.setattr("allauth.account.forms.compare_user_code", lambda **given: compared.append(given) and False)

        def attempt(_number):
            try:
                other = Client()
                other.cookies = signed_in.cookies
                return other.post(CONFIRM, {"code": "ZZZZ-ZZZZ"}).status_code
            finally:
                connections.close_all()

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(attempt, range(64)))

    assert len(compared) == 3
    assert set(answers) <= {200, 302}
