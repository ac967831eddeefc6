"""Staff keep something to sign in with; patients, whom an emailed code lets in, need none."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.clinic.staff.conftest import signed_in
from tests.factories.clinic import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
ONLY_ONE = "You sign in with nothing else"


def passkey(user, name="Phone"):
    data = {"name": name, "passwordless": True, "credential": {}}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def app(user):
    return Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})


def address_of(device):
    return (
        f"/accounts/2fa/webauthn/keys/{device.pk}/remove/"
        if device.type == Authenticator.Type.WEBAUTHN
        else "/accounts/2fa/totp/deactivate/"
    )


@pytest.fixture
def nurse():
    user = StaffFactory(role="practitioner")
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


@pytest.mark.parametrize("make", [passkey, app])
def test_staff_keep_their_last(make, nurse):
    device = make(nurse)

    browser = signed_in(nurse)
    answer = browser.post(address_of(device))
    browser.delete(address_of(device))

    assert ONLY_ONE in answer.content.decode()
    assert Authenticator.objects.filter(pk=device.pk).exists()


@pytest.mark.parametrize("make", [passkey, app])
def test_one_of_two_may_go(make, nurse):
    device = make(nurse)
    passkey(nurse, "Laptop")

    assert signed_in(nurse).post(address_of(device)).status_code == 302
    assert [row.data["name"] for row in Authenticator.objects.filter(user=nurse, type="webauthn")] == ["Laptop"]


def test_a_patient_may_remove_it(client):
    patient = UserFactory()
    device = passkey(patient)

    assert signed_in(patient).post(address_of(device)).status_code == 302
    assert not Authenticator.objects.filter(user=patient).exists()


def test_nobody_removes_anothers(nurse):
    device = passkey(nurse)
    passkey(nurse, "Laptop")

    assert signed_in(StaffFactory(role="owner")).post(address_of(device)).status_code == 404
    assert Client().post(address_of(device)).status_code == 302
    assert Authenticator.objects.filter(pk=device.pk).exists()
