"""Every page of allauth in our layout and our words, light, and without a script but where a passkey needs one."""

from __future__ import annotations

import ast
import gzip
import re
from datetime import timedelta
from pathlib import Path

import allauth
import pytest
import time_machine
from allauth import urls as allauth_urls
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from clinic.core import clock
from tests.factories import browsers
from tests.factories.clinic import PASSWORD

pytestmark = pytest.mark.django_db
PO = Path(allauth.__file__).parent / "locale" / "de" / "LC_MESSAGES" / "django.po"
PLAIN = frozenset(
    {
        "Code",
        "Email",
        "Password",
        "Cancel",
        "Remove",
        "Add",
        "Save",
        "Devices",
        "Sign in",
        "Passkey",
        "Sign out",
        "Email address",
        "email address",
        "Recovery codes",
        "Use your password",
        "Forgot your password?",
        "Sign in with a passkey",
    }
)
NEVER = (
    "Master key", "Passwordless", "Two-Factor", "Security Key", "security key", "Sign In", "Sign Up", "Signup",
    "Sign-In", "Authenticator App", "Recovery Codes", "Deactivate", "Email Addresses", "Sessions", "JavaScript.",
    "IP Address", "This field is required", "login", "Login",
)  # fmt: skip
HTML, SCRIPTS = 15_000, 10_000  # bytes on the wire
STATIC = {"mfa/js/webauthn-json.js", "mfa/js/webauthn.js", "account/js/onload.js", "js/passkeys.js"}


def msgids() -> set[str]:
    """What allauth says by itself, from its own catalogue: whole sentences and titles, without what is filled in."""
    found = set()
    for block in PO.read_text().split("\n\n"):
        lines = re.search(r'^msgid ((?:".*"\n?)+)', block, re.MULTILINE)
        text = "".join(ast.literal_eval(line) for line in lines[1].splitlines()) if lines else ""
        about = re.findall(r"^#: (.*)", block, re.MULTILINE)
        is_ours = any(
            part.startswith(
                ("account/", "mfa/", "usersessions/", "templates/account", "templates/mfa", "templates/usersessions")
            )
            for line in about
            for part in line.split()
        )
        if is_ours and "%(" not in text and text.strip() not in PLAIN | {""}:
            found.add(" ".join(text.split()))
    return found


MSGIDS = msgids()


def words_of(answer) -> list[str]:
    """Each piece of text, labels and titles included, as a reader meets it."""
    page = BeautifulSoup(answer.content, "html.parser")
    pieces = [" ".join(piece.split()) for piece in page.select_one("body").stripped_strings]
    titles = [one[name] for name in ("title", "alt", "placeholder", "aria-label") for one in page.select(f"[{name}]")]
    return [*pieces, *titles, page.title.get_text(" ", strip=True)]


def assert_ours(answer, address):
    assert answer.status_code == 200, address
    page = BeautifulSoup(answer.content, "html.parser")
    for script in page.select("script"):
        script.decompose()
    said = words_of(type("Page", (), {"content": str(page).encode()}))
    main = page.select_one("main").get_text(" ")
    assert page.select_one("h1"), address
    assert page.select_one("header.site-header, .app-bar"), address
    assert (address, MSGIDS & set(said)) == (address, set())
    assert (address, [word for word in NEVER if word in main]) == (address, [])
    assert len(gzip.compress(answer.content, 6)) <= HTML, address


def scripts_in(answer):
    page = BeautifulSoup(answer.content, "html.parser")
    return {script["src"].removeprefix("/static/") for script in page.select("script[src]")}


def test_the_catalogue_is_read():
    assert {"Sign Up", "Two-Factor Authentication", "Security Keys", "Reset My Password", "Passwordless"} <= MSGIDS
    assert len(MSGIDS) > 120


def names() -> list[str]:
    """Of each address of allauth."""
    return sorted(name for name in get_resolver(allauth_urls.__name__).reverse_dict if isinstance(name, str))


def addresses(key):
    for name in names():
        try:
            yield reverse(name)
        except NoReverseMatch:
            yield reverse(name, args=[key])


@pytest.mark.parametrize("who", ["nobody", "patient", "nurse"])
def test_no_address_breaks(who, patient_with_password, nurse, passkey_of):
    """GET and POST, with nothing and with nonsense."""
    key = passkey_of(nurse if who == "nurse" else patient_with_password)
    all_of_them = sorted({*addresses(key.pk), "/my/security/", "/accounts/confirm/code/"})
    assert len(all_of_them) >= 28
    for address in all_of_them:
        client = Client(raise_request_exception=False)
        if who != "nobody":
            client.force_login(nurse if who == "nurse" else patient_with_password)
        for answer in (
            client.get(address),
            client.post(address),
            client.post(address, {"credential": "{}", "code": "x"}),
        ):
            assert answer.status_code < 500, address


@pytest.mark.parametrize(
    "address",
    ["/accounts/login/", "/accounts/login/?next=/diary/", "/accounts/login/code/", "/accounts/signup/",
     "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/inactive/"],
)  # fmt: skip
def test_the_pages_for_whoever_is_not_signed_in(client, address):
    answer = client.get(address)

    assert_ours(answer, address)
    assert scripts_in(answer) == (STATIC if address.startswith("/accounts/login/") and "code" not in address else set())
    empty = client.post(address)
    if empty.status_code == 200:
        assert_ours(empty, address)
        assert "Enter your email address." in empty.content.decode()


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("/accounts/login/code/", "/accounts/login/code/confirm/"),
        ("/accounts/signup/", "/accounts/confirm-email/"),
        ("/accounts/password/reset/", "/accounts/password/reset/confirm/"),
    ],
)
def test_the_pages_that_ask_for_a_code(client, patient_with_password, code_for, asked, page):
    address = "new@example.com" if "signup" in asked else patient_with_password.email
    client.post(asked, {"email": address})

    answer = client.get(page)
    assert_ours(answer, page)
    assert address in answer.content.decode()
    assert scripts_in(answer) == set()
    assert_ours(client.post(page, {"code": ""}), page)
    assert_ours(client.post(page, {"code": "ZZZZ-ZZZZ"}), page)
    if "reset" not in asked:
        with time_machine.travel(clock.now() + timedelta(seconds=30), tick=True):
            assert_ours(client.post(page, {"action": "resend"}, follow=True), page)
    if "reset" in asked:
        client.post(page, {"code": code_for(address)})
        assert_ours(client.get("/accounts/password/reset/complete/"), page)
        unlike = {"password1": "a-long-word-1", "password2": "a-long-word-2"}
        assert_ours(client.post("/accounts/password/reset/complete/", unlike), page)
        alike = {"password1": "a-long-word-1", "password2": "a-long-word-1"}
        assert_ours(client.post("/accounts/password/reset/complete/", alike, follow=True), page)


@pytest.mark.parametrize("who", ["patient_with_password", "nurse"])
def test_the_pages_of_whoever_is_signed_in(client, request, sign_in_by_password, passkey_of, who):
    user = request.getfixturevalue(who)
    sign_in_by_password(client, user)
    key = passkey_of(user)
    pages = [
        "/my/security/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/sessions/",
        "/accounts/logout/",
    ]
    pages += ["/accounts/2fa/", "/accounts/2fa/webauthn/", "/accounts/2fa/recovery-codes/generate/"]
    pages += [f"/accounts/2fa/webauthn/keys/{key.pk}/{what}/" for what in ("edit", "remove")]
    for page in pages:
        answer = client.get(page)
        assert_ours(answer, page)
        assert scripts_in(answer) == set(), page
    for page, typed in (
        ("/accounts/email/", {"action_add": "yes", "email": ""}),
        ("/accounts/email/", {"action_add": "yes", "email": user.email}),
        ("/accounts/password/change/", {}),
        ("/accounts/password/change/", {"oldpassword": "no", "password1": "a", "password2": "b"}),
        (f"/accounts/2fa/webauthn/keys/{key.pk}/edit/", {"name": ""}),
    ):
        assert_ours(client.post(page, typed), page)


def test_the_pages_of_passkeys_and_their_scripts(client, patient_with_password, sign_in_by_password):
    sign_in_by_password(client, patient_with_password)
    answer = client.get("/accounts/2fa/webauthn/add/")

    assert_ours(answer, "add")
    assert scripts_in(answer) == STATIC
    page = BeautifulSoup(answer.content, "html.parser")
    tick = page.select_one("[name=passwordless]")
    assert tick.has_attr("hidden")
    assert tick.has_attr("checked")
    assert '"userVerification": "required"' in page.select_one("#js_data").string
    places = [Path(allauth.__file__).parent / part / "static" for part in ("mfa", "account")]
    places.append(Path(__file__).parents[4] / "static")
    texts = [next((place / name).read_bytes() for place in places if (place / name).exists()) for name in STATIC]
    assert sum(len(gzip.compress(text, 6)) for text in texts) <= SCRIPTS


def test_a_page_that_is_asked_for_a_key_it_does_not_have_says_so_in_our_words(
    client, patient_with_password, sign_in_by_password
):
    sign_in_by_password(client, patient_with_password)
    answer = client.post("/accounts/2fa/webauthn/add/", {"name": "x", "credential": ""})

    assert_ours(answer, "add")
    assert "No passkey was used. Try again." in answer.content.decode()


def test_the_pages_of_a_second_step(client, nurse, sign_in_by_password):
    sign_in_by_password(client, nurse)
    assert_ours(client.get("/accounts/reauthenticate/"), "reauthenticate")
    page = client.get("/accounts/2fa/totp/activate/")
    assert_ours(page, "activate")
    assert_ours(client.post("/accounts/2fa/totp/activate/", {"code": "1"}), "activate")
    secret = page.context["form"].secret
    code = browsers.code_for(secret)
    once = client.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)
    assert_ours(once, "recovery codes")
    assert len(BeautifulSoup(once.content, "html.parser").select(".recovery-codes li")) == 10
    again = client.get("/accounts/2fa/recovery-codes/")
    assert_ours(again, "recovery codes")
    assert not BeautifulSoup(again.content, "html.parser").select(".recovery-codes li")
    for address in (
        "/accounts/2fa/",
        "/accounts/2fa/totp/deactivate/",
        "/accounts/2fa/reauthenticate/",
    ):
        assert_ours(client.get(address), address)
    assert_ours(client.post("/accounts/2fa/reauthenticate/", {"code": "1"}), "reauthenticate")
    client.post("/accounts/logout/")
    asked = client.post("/accounts/login/", {"login": nurse.email, "password": PASSWORD}, follow=True)
    assert asked.request["PATH_INFO"] == "/accounts/2fa/authenticate/"
    assert_ours(asked, "authenticate")
    assert_ours(client.post("/accounts/2fa/authenticate/", {"code": "1"}), "authenticate")


def test_a_first_password(client, patient, sign_in_by_code):
    sign_in_by_code(client, patient)

    assert_ours(client.get("/accounts/password/set/"), "set")
    assert_ours(client.post("/accounts/password/set/", {"password1": "short", "password2": "short"}), "set")
