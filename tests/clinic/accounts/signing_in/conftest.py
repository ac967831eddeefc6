"""People who sign in, and the codes they are sent."""

from __future__ import annotations

import json
import os
import re
from hashlib import sha256

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from bookings.tasks import send_due_messages
from tests.factories.clinic import PASSWORD, StaffFactory, UserFactory

A_CODE = re.compile(r"^[B-Z]{4}-[B-Z]{4}$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _tries_of_this_test_alone(cache_of_this_test):
    """Tries are counted in the cache."""


def with_address(user):
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def without_password(user):
    user.set_unusable_password()
    user.save()
    return with_address(user)


@pytest.fixture
def patient(db):
    return without_password(UserFactory(email="sam@example.com"))


@pytest.fixture
def patient_with_password(db):
    return with_address(UserFactory(email="pat@example.com"))


@pytest.fixture
def nurse(db):
    return with_address(StaffFactory(email="nurse@example.com", role="practitioner"))


@pytest.fixture
def letters(mailoutbox):
    """`letters()`: let the outbox send, and give all that it sent."""

    def sent():
        send_due_messages()
        return mailoutbox

    return sent


@pytest.fixture
def code_for(letters):
    """`code_for(address)`: the code of the newest letter there."""

    def newest(address):
        bodies = [letter.body for letter in letters() if letter.to == [address]]
        return A_CODE.search(bodies[-1]).group()

    return newest


@pytest.fixture
def sign_in_by_code(code_for):
    def sign_in(client, user, **typed):
        client.post("/accounts/login/code/", {"email": user.email})
        return client.post("/accounts/login/code/confirm/", {"code": code_for(user.email), **typed}, follow=True)

    return sign_in


@pytest.fixture
def sign_in_by_password():
    def sign_in(client, user, **typed):
        return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD, **typed}, follow=True)

    return sign_in


@pytest.fixture
def passkey_of():
    """`passkey_of(user, name)`: a passkey as a browser's answer makes one, whose private half nobody has."""

    def make(user, name="My phone"):
        public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
        held = AttestedCredentialData.create(b"\0" * 16, os.urandom(16), public)
        flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
        data = AuthenticatorData.create(sha256(b"testserver").digest(), flags, 0, held)
        client = json.dumps({"type": "webauthn.create", "challenge": "", "origin": "https://testserver"}).encode()
        credential = {
            "id": websafe_encode(held.credential_id),
            "rawId": websafe_encode(held.credential_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            },
            "clientExtensionResults": {"credProps": {"rk": True}},
        }
        return Authenticator.objects.create(
            user=user, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": credential}
        )

    return make
