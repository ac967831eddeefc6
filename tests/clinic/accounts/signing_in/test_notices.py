"""Changes to how somebody signs in are mailed to them, in neutral words and through the outbox."""

from __future__ import annotations

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

from tests.clinic.accounts.signing_in.test_pages import MSGIDS, NEVER

pytestmark = pytest.mark.django_db
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


def assert_ours(letter):
    """In our words, with the clinic's own look, and with no word of a visit."""
    (html,) = [part.content for part in letter.alternatives]
    for text in (letter.subject, letter.body):
        assert not [word for word in NEVER if word in text and word != "login"], text
        assert not {line.strip() for line in text.splitlines()} & MSGIDS
        assert "treatment" not in text.lower()
    assert letter.subject in letter.body
    assert letter.subject in html
    assert "Juvenology Clinic" in letter.body
    assert "example.com!" not in letter.body


def by_address(letters):
    found = {}
    for letter in letters:
        assert_ours(letter)
        found.setdefault(letter.to[0], []).append(letter.subject)
    return found


def test_a_passkey_that_goes_is_told(client, patient, sign_in_by_code, passkey_of, letters):
    key = passkey_of(patient)
    sign_in_by_code(client, patient)
    letters().clear()
    client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/", headers={"user-agent": CHROME})

    (told,) = letters()
    assert (told.to, told.subject) == ([patient.email], "A passkey was removed")
    assert "With: Chrome on Windows." in told.body
    assert "http://testserver/not-me/" in told.body
    assert_ours(told)


def test_a_new_address_is_told_to_both(client, patient, sign_in_by_code, code_for, letters):
    sign_in_by_code(client, patient)
    letters().clear()
    client.post("/accounts/email/", {"action_add": "yes", "email": "new@example.com"})
    client.post("/accounts/confirm-email/", {"code": code_for("new@example.com")})

    changed = "Your email address was changed"
    assert by_address(letters()) == {
        "new@example.com": ["Is this your email address?", changed],
        "sam@example.com": [changed],
    }
    patient.refresh_from_db()
    assert patient.email == "new@example.com"


def test_a_recovery_code_that_is_used_is_told(client, nurse, passkey_of, sign_in_by_password, letters):
    passkey_of(nurse)
    codes = RecoveryCodes.activate(nurse).get_unused_codes()
    asked = sign_in_by_password(client, nurse)
    assert asked.request["PATH_INFO"] == "/accounts/2fa/authenticate/"
    client.post("/accounts/2fa/authenticate/", {"code": codes[0]})

    assert "_auth_user_id" in client.session
    (told,) = letters()
    assert "You used a recovery code; 9 left" in client.get("/diary/").content.decode()
    assert told.subject == "A recovery code was used"
    assert "9 are left." in told.body
    assert_ours(told)


def test_passwords_are_told(client, patient, sign_in_by_code, letters):
    sign_in_by_code(client, patient)
    letters().clear()
    word, other = "a-long-word-1", "a-long-word-2"
    client.post("/accounts/password/set/", {"password1": word, "password2": word})
    client.post("/accounts/password/change/", {"oldpassword": word, "password1": other, "password2": other})

    assert by_address(letters()) == {patient.email: ["A password was set", "Your password was changed"]}


def test_the_letters_with_codes_are_ours(client, patient, code_for, letters):
    client.post("/accounts/login/code/", {"email": patient.email})
    client.post("/accounts/signup/", {"email": "new@example.com"})
    client.cookies.clear()
    client.post("/accounts/login/code/", {"email": "nobody@example.com"})
    client.cookies.clear()
    client.post("/accounts/signup/", {"email": patient.email})
    client.cookies.clear()
    client.post("/accounts/password/reset/", {"email": patient.email})

    assert by_address(letters()) == {
        patient.email: ["Your sign-in code", "You have an account already", "Your code for a new password"],
        "new@example.com": ["Your sign-up code"],
        "nobody@example.com": ["There is no account with this address"],
    }
