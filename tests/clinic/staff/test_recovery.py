"""A phone is lost: never back in by oneself, always told, one link for an hour."""

from __future__ import annotations

import threading
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.staff import recovery
from clinic.staff.models import RECOVERY_LASTS, Recovery
from tests.clinic.staff.conftest import enrolled, letters, link_in_last_mail, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(owner):
    return enrolled(role="practitioner", email="nurse@clinic.example", name="Nina Nurse")


@pytest.fixture
def second(owner):
    return enrolled(role="owner", email="second@clinic.example")


@pytest.fixture
def reset_nurse(nurse, second, at_desk):
    """Pressed by the owner, and the mail sent."""
    at_desk.post(f"/staff/{nurse.pk}/reset/")
    nurse.refresh_from_db()
    return nurse


def test_everything_she_had_opens_nothing(nurse, second, at_desk):
    phone = signed_in(nurse)
    assert phone.get("/diary/").status_code == 200

    at_desk.post(f"/staff/{nurse.pk}/reset/")

    assert phone.get("/diary/")["Location"].startswith("/accounts/login/")
    assert not Authenticator.objects.filter(user=nurse).exists()
    assert {tuple(letter.to) for letter in letters()} == {(nurse.email,), ("owner@clinic.example",), (second.email,)}
    assert Recovery.objects.get().allowed_by.email == "owner@clinic.example"


def test_the_link_lets_her_in_once_to_set_up_anew(reset_nurse):
    browser, other = Client(), Client()
    link = link_in_last_mail(reset_nurse.email)
    browser.get(link)
    other.get(link)
    assert not Recovery.objects.get().used_at

    page = browser.post("/accounts/start/", follow=True)

    assert "How you will sign in" in page.content.decode()
    assert browser.get("/diary/")["Location"] == "/accounts/start/"
    assert Client().get(link).status_code == 410
    assert other.post("/accounts/start/").status_code == 410


def test_after_an_hour_it_is_over(reset_nurse):
    link = link_in_last_mail(reset_nurse.email)

    with time_machine.travel(clock.now() + RECOVERY_LASTS, tick=False):
        assert Client().get(link).status_code == 410


def test_the_letter_is_not_sent_once_its_link_is_over(reset_nurse):
    with time_machine.travel(clock.now() + RECOVERY_LASTS, tick=False):
        assert not [letter for letter in letters() if reset_nurse.email in letter.to]


def test_a_second_link_ends_the_first(reset_nurse, at_desk):
    first = link_in_last_mail(reset_nurse.email)
    at_desk.post(f"/staff/{reset_nurse.pk}/reset/")

    assert Client().get(first).status_code == 410
    assert Client().get(link_in_last_mail(reset_nurse.email)).status_code == 302


def test_nobody_resets_themselves(owner, at_desk):
    at_desk.post(f"/staff/{owner.pk}/reset/")

    assert not Recovery.objects.exists()
    assert Authenticator.objects.filter(user=owner).exists()


def test_from_the_host_for_owners_alone(owner, nurse, second):
    call_command("recover_owner", owner.email.upper(), stdout=StringIO())

    assert not Authenticator.objects.filter(user=owner).exists()
    assert Client().get(link_in_last_mail(owner.email)).status_code == 302
    assert (second.email,) in {tuple(letter.to) for letter in letters()}
    for address in (nurse.email, "nobody@clinic.example"):
        with pytest.raises(CommandError):
            call_command("recover_owner", address, stdout=StringIO())


@pytest.mark.parametrize("is_over", [False, True], ids=["within the hour", "after it"])
def test_a_mailed_code_is_no_way_round_the_link(is_over, reset_nurse):
    """The hour and the second person would be worth nothing: whoever reads the mailbox could enrol whenever they like."""
    if is_over:
        past = clock.now() - 2 * RECOVERY_LASTS
        Recovery.objects.update(allowed_at=past, expires_at=past + RECOVERY_LASTS / 2)
    browser = signed_in(reset_nurse, by_second_factor=False)  # as after a code

    for address in ("/diary/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"):
        assert browser.get(address)["Location"] == "/accounts/start/"
    page = browser.get("/accounts/start/")

    assert page.status_code == 410
    assert "Ask an owner" in page.content.decode()


def test_who_signed_in_by_a_code_uses_the_link_up_all_the_same(reset_nurse):
    browser = signed_in(reset_nurse, by_second_factor=False)
    browser.get(link_in_last_mail(reset_nurse.email))

    page = browser.post("/accounts/start/", follow=True)

    assert "How you will sign in" in page.content.decode()
    assert Recovery.objects.get().used_at
    assert browser.get("/accounts/2fa/totp/activate/").status_code == 200


def test_who_owns_the_clinic_no_more_resets_nobody(owner, nurse, second):
    owner.groups.clear()  # while their press was on its way

    with pytest.raises(DomainError):
        recovery.reset(nurse.pk, by=owner, now=clock.now())

    assert not Recovery.objects.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_reset_each_other_at_once_one_wins(owner, second):
    start, outcomes = threading.Barrier(2), []

    def one(by, whom):
        try:
            start.wait()
            recovery.reset(whom.pk, by=by, now=clock.now())
            outcomes.append("reset")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=pair) for pair in ((owner, second), (second, owner))]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(outcomes) == ["not_staff", "reset"]
    assert Recovery.objects.count() == 1
