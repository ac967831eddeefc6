"""Second factors by allauth's own pages: no seed lies in the clear, and keys change while people sign in."""

from __future__ import annotations

import importlib
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from clinic.accounts.second_factors import SecondFactors
from clinic.core.sealing import keyring
from tests.factories.browsers import code_for
from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-word-for-it"
SECRET = re.compile(r"\b[A-Z2-7]{32}\b")


@pytest.fixture
def nurse():
    user = StaffFactory(role="practitioner")
    user.set_password(PASSWORD)
    user.save()
    user.emailaddress_set.update_or_create(email=user.email, defaults={"verified": True, "primary": True})
    return user


def sign_in(client, user):
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}, follow=True)


def confirm(client, address):
    """Open a page that asks once more who it is."""
    client.get(address)
    return client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": address}, follow=True)


@pytest.fixture
def seed(client, nurse):
    """The seed of the app that the nurse has set up, as the page showed it."""
    sign_in(client, nurse)
    page = confirm(client, "/accounts/2fa/totp/activate/")
    secret = SECRET.search(page.content.decode()).group()
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)}, follow=True)
    assert done.status_code == 200
    return secret


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        return "\n".join(text for (text,) in cursor.fetchall())


def test_no_seed_lies_in_the_clear(seed):
    rows = {row.type: row.data for row in Authenticator.objects.all()}

    assert set(rows) == {"totp", "recovery_codes"}
    assert seed not in stored()
    assert keyring.key_of(rows["totp"]["secret"]) == keyring.key_of(rows["recovery_codes"]["seed"]) == "demo"


def test_its_codes_sign_in(client, nurse, seed):
    client.post("/accounts/logout/")
    asked = sign_in(client, nurse)
    assert asked.redirect_chain[-1][0].startswith("/accounts/2fa/authenticate/")

    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    client.post("/accounts/2fa/authenticate/", {"code": nurse_code(nurse)})
    assert client.get("/diary/").status_code == 200


def test_a_code_signs_in_once(client, nurse, seed):
    of_the_app, recovery = code_for(seed), nurse_code(nurse)
    for code, signs_in in ((of_the_app, True), (of_the_app, False), (recovery, True), (recovery, False)):
        client.post("/accounts/logout/")
        sign_in(client, nurse)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert (client.get("/diary/").status_code == 200) is signs_in, code


def test_a_code_of_the_app_signs_in_once_for_as_long_as_it_stands(client, nurse, seed, time_machine):
    """It stands for a minute and a half: half a minute either side of its own."""
    now = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=5)
    time_machine.move_to(now, tick=False)
    code = format_hotp_value(hotp_value(seed, int(now.timestamp()) // 30 + 1))  # of half a minute later
    for later, signs_in in ((0, True), (40, False), (89, False)):
        time_machine.move_to(now + timedelta(seconds=later), tick=False)
        client.post("/accounts/logout/")
        sign_in(client, nurse)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert (client.get("/diary/").status_code == 200) is signs_in, later


def nurse_code(nurse):
    """A recovery code of hers: the app's code was used when it was set up."""
    return Authenticator.objects.get(user=nurse, type="recovery_codes").wrap().get_unused_codes()[0]


def test_a_passkey_is_made_for_the_clinics_own_address(client, nurse, settings):
    settings.SITE_URL = "https://clinic.example"
    settings.ALLOWED_HOSTS = ["*"]
    sign_in(client, nurse)

    confirm(client, "/accounts/2fa/webauthn/add/")
    page = client.get("/accounts/2fa/webauthn/add/", headers={"host": "elsewhere.example"}).content.decode()

    assert "clinic.example" in page
    assert '"id": "elsewhere.example"' not in page
    assert "Master key" not in page
    assert "This device" in page


def test_a_new_key_is_brought_in_while_the_clinic_works(client, nurse, seed, settings):
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = {"k2": b"2" * 32, **old}
    said = StringIO()

    call_command("rotate_field_keys", stdout=said)

    assert "second factors: 2 sealed anew with k2." in said.getvalue()
    settings.FIELD_KEYS = {"k2": b"2" * 32}
    assert Authenticator.objects.get(type="totp").wrap().validate_code("no") is False
    client.post("/accounts/logout/")
    sign_in(client, nurse)
    client.post("/accounts/2fa/authenticate/", {"code": nurse_code(nurse)})
    assert client.get("/diary/").status_code == 200

    said = StringIO()
    call_command("rotate_field_keys", stdout=said)
    assert "second factors: 0 sealed anew" in said.getvalue()


def test_a_missing_key_is_named_and_nothing_is_changed(client, seed, settings):
    settings.FIELD_KEYS = {"k2": b"2" * 32}
    before = stored()

    with pytest.raises(CommandError, match="sealed by the key demo, which FIELD_KEYS lacks"):
        call_command("rotate_field_keys", stdout=StringIO())

    assert stored() == before
    part = client.get("/readyz").json()["parts"]["field_keys"]
    assert part["why"] == "sealed values do not open"
    assert part["reasons"] == ["second factors: It was sealed by the key demo, which FIELD_KEYS lacks."]


def test_another_key_under_the_same_name_is_noticed(client, seed, settings):
    settings.FIELD_KEYS = {"demo": b"2" * 32}
    before = stored()

    with pytest.raises(CommandError, match="does not open"):
        call_command("rotate_field_keys", stdout=StringIO())

    assert stored() == before
    assert client.get("/readyz").json()["parts"]["field_keys"]["state"] == "failing"


def test_what_an_older_release_left_in_the_clear_is_told_and_sealed(client, nurse):
    Authenticator.objects.create(user=nurse, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    Authenticator.objects.create(user=nurse, type="recovery_codes", data={"seed": None, "migrated_codes": None})
    assert client.get("/readyz").json()["parts"]["field_keys"]["places"] == ["second factors"]

    call_command("rotate_field_keys", stdout=StringIO())

    assert client.get("/readyz").json()["parts"]["field_keys"] == {"state": "ok"}
    assert "JBSWY3DPEHPK3PXP" not in stored()


def test_the_older_key_is_not_called_free_while_something_still_seals_with_it(nurse, seed, settings, monkeypatch):
    """A container that was not started anew writes behind the back of the command."""
    late = Authenticator.objects.get(type="totp").data
    settings.FIELD_KEYS = {"k2": b"2" * 32, **settings.FIELD_KEYS}
    seal_anew = SecondFactors.seal_anew

    def and_one_written_late(place):
        number = seal_anew(place)
        Authenticator.objects.filter(type="totp").update(data=late)
        return number

    monkeypatch.setattr(SecondFactors, "seal_anew", and_one_written_late)
    said = StringIO()
    with pytest.raises(CommandError, match="run this again"):
        call_command("rotate_field_keys", stdout=said)

    assert "may be taken out" not in said.getvalue()


def test_seeds_of_an_earlier_release_are_sealed_by_the_migration(nurse):
    """Authenticator app and recovery codes set up before the seeds were sealed."""
    Authenticator.objects.create(user=nurse, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    Authenticator.objects.create(
        user=nurse, type="recovery_codes", data={"seed": "abc1", "used_mask": 5, "migrated_codes": ["11", "22"]}
    )
    migration = importlib.import_module("clinic.accounts.migrations.0002_seal_second_factors")

    migration.seal_all(apps, None)
    migration.seal_all(apps, None)

    assert not re.search("JBSWY3DPEHPK3PXP|abc1", stored())
    assert Authenticator.objects.get(type="recovery_codes").data["used_mask"] == 5
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == ["11", "22"]

    migration.unseal_all(apps, None)
    assert Authenticator.objects.get(type="totp").data == {"secret": "JBSWY3DPEHPK3PXP"}
