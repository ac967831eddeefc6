"""What no browser of ours sends is refused in words, not by an error of the server."""

from __future__ import annotations

import base64
import json

import pytest

pytestmark = pytest.mark.django_db


def coded(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def credential(**parts):
    said = json.dumps({"type": "webauthn.get", "challenge": "AAAA", "origin": "https://example.com"}).encode()
    response = {"clientDataJSON": coded(said), "authenticatorData": coded(b"a" * 37), "signature": "AA"} | parts
    return {"rawId": "AAAA", "response": response}


CREDENTIALS = [
    "",
    "no json",
    "null",
    "[]",
    "1",
    '"\\u0000"',
    "{}",
    '{"rawId": "x", "response": {}}',
    '{"rawId": "é", "response": {}}',
    '{"rawId": "AAAA", "response": "text"}',
    json.dumps(credential()),
    json.dumps(credential(userHandle=coded(b"1"))),
    json.dumps(credential(userHandle=coded(b"9" * 30))),
    json.dumps(credential(userHandle="é")),
    json.dumps(credential(attestationObject=coded(b"\xa1"))),
    json.dumps(credential(attestationObject="")),
    json.dumps(credential(authenticatorData=coded(b"a" * 32 + b"\x80" + b"a" * 4))),
    json.dumps(credential(authenticatorData=coded(b"a" * 32 + b"\x40" + b"a" * 4))),
    json.dumps(credential(clientDataJSON=coded(b"[]"))),
]


@pytest.mark.parametrize("sent", CREDENTIALS)
def test_a_garbled_passkey_signs_nobody_in(sent, client):
    client.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})  # begins it

    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": sent})

    assert answer.status_code in {200, 302}
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("sent", CREDENTIALS)
def test_a_garbled_passkey_is_not_added(sent, client, patient, sign_in_by_code):
    sign_in_by_code(client, patient)
    client.get("/accounts/2fa/webauthn/add/")

    answer = client.post("/accounts/2fa/webauthn/add/", {"name": "Mine", "credential": sent})

    assert answer.status_code == 200
    assert not patient.authenticator_set.exists()


@pytest.mark.parametrize("code", ["", "é", "٣٣٣٣-٣٣٣٣", "\x00", "😀" * 9, "B" * 100_000])
def test_a_code_of_other_letters_is_wrong(code, client, patient):
    client.post("/accounts/login/code/", {"email": patient.email})

    answer = client.post("/accounts/login/code/confirm/", {"code": code})

    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "email", ["é@example.com", "a@exämple.com", "x\x00@example.com", "a" * 400 + "@example.com", "😀"]
)
@pytest.mark.parametrize("address", ["/accounts/login/code/", "/accounts/signup/", "/accounts/password/reset/"])
def test_an_odd_address_is_no_error(address, email, client, db):
    assert client.post(address, {"email": email}).status_code in {200, 302}
