"""What the app reads from its environment, and what production refuses to start with."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import environs
import pytest

from clinic.settings import environment
from clinic.settings.environment import EnvironmentInvalid

PROJECT_DIR = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DATABASE_URL": "postgresql://clinic:secret@db.example:5432/clinic",
    "REDIS_URL": "redis://broker.example:6379/0",
    "EMAIL_URL": "submission://clinic:secret@mail.example:587",
    "SMS_URL": "file:/nowhere",
    "SECRET_KEY": "9Qm1ZtU7rj2Xb5Kc8Lw4Vn6Hs3Gd0FpYeAiToRuWxCzBvMkJhN",
    "FIELD_KEYS": "k1:bm90LXRoZS1kZW1vLWtleS1idXQtMzItYnl0ZXMtMTI=",
    "SITE_URL": "https://clinic.example",
    "ALLOWED_HOSTS": "clinic.example",
}


@pytest.fixture
def variables(monkeypatch):
    """The environment, without anything the app reads."""
    for name in (*environment.NAMES, "PORT"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


@pytest.fixture
def production(variables):
    for name, value in PRODUCTION.items():
        variables(name, value)
    return variables


def start_production(*command: str, **variables: str) -> subprocess.CompletedProcess:
    kept = {name: value for name, value in os.environ.items() if name not in environment.NAMES}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=PROJECT_DIR,
        env=kept | {"DJANGO_SETTINGS_MODULE": "clinic.settings.production"} | variables,
        check=False,
        capture_output=True,
        text=True,
    )


def test_nothing_needs_to_be_set(variables):
    read = environment.read()

    assert read.data_dir == PROJECT_DIR / "var"
    assert (read.email_url, read.sms_url) == (f"file:{read.data_dir}/mail", f"file:{read.data_dir}/sms")
    assert read.site_url == "http://localhost:8000"
    assert (read.rate_limits, read.advertising_rules, read.trusted_proxies) == (True, "uk", 0)


@pytest.mark.parametrize("name", environment.NAMES)
def test_empty_is_as_good_as_unset(variables, name):
    unset = environment.read()

    variables(name, "")

    assert environment.read() == unset


def test_the_port_is_part_of_the_demo_address(variables):
    variables("PORT", "8123")

    assert environment.read().site_url == "http://localhost:8123"


def test_hosts_are_separated_by_commas(variables):
    variables("ALLOWED_HOSTS", "clinic.example, www.clinic.example,")

    assert environment.read().allowed_hosts == ["clinic.example", "www.clinic.example"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE_LIMITS", "maybe"),
        ("STAFF_SECOND_FACTOR", "no"),
        ("ADVERTISING_RULES", "us"),
        ("TRUSTED_PROXIES", "two"),
        ("TRUSTED_PROXIES", "1.5"),
        ("FIELD_KEYS", "k1:MTI4LWJpdC1rZXktb25seQ=="),
    ],
)
def test_a_bad_value_is_named(variables, name, value):
    variables(name, value)

    with pytest.raises((EnvironmentInvalid, environs.EnvError), match=name):
        environment.read()


def test_production_starts_with_good_values(production):
    environment.require_production_values(environment.read())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("EMAIL_URL", ""),
        ("EMAIL_URL", "file:/mail"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", environment.DEMO_SECRET_KEY),
        ("SECRET_KEY", "too-short"),
        ("FIELD_KEYS", ""),
        ("FIELD_KEYS", environment.DEMO_FIELD_KEYS),
        ("FIELD_KEYS", " , "),
        ("FIELD_KEYS", f"k1:bm90LXRoZS1kZW1vLWtleS1idXQtMzItYnl0ZXMtMTI=,{environment.DEMO_FIELD_KEYS}"),
        ("SITE_URL", ""),
        ("SITE_URL", "http://clinic.example"),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", " , "),
        ("STAFF_SECOND_FACTOR", "off"),
    ],
)
def test_production_refuses_a_missing_or_demonstration_value_and_names_it_alone(production, name, value):
    production(name, value)

    with pytest.raises(EnvironmentInvalid) as refusal:
        environment.require_production_values(environment.read())

    named = re.search(r"set (.+?) \(", str(refusal.value))
    assert named
    assert named[1] == name
    assert not value.strip(" ,") or value not in str(refusal.value), "a secret in a log is a secret no more"


def test_production_does_not_start_bare_and_names_all_it_lacks():
    outcome = start_production("check")

    last_line = outcome.stderr.strip().splitlines()[-1]
    assert outcome.returncode != 0
    assert all(name in last_line for name in PRODUCTION if name != "SMS_URL")


def test_djangos_deployment_check_has_no_complaint():
    outcome = start_production("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert outcome.returncode == 0, outcome.stderr
    assert "no issues" in outcome.stdout


ANSWERS = """
import json
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
host = {"host": "clinic.example"}
plain, safe = Client().get("/treatments/", headers=host), Client().get("/healthz", secure=True, headers=host)
print(json.dumps({
    "debug": settings.DEBUG,
    "plain": [plain.status_code, plain.headers["Location"]],
    "hsts": safe.headers["Strict-Transport-Security"],
    "session": [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY,
        settings.SESSION_COOKIE_SAMESITE, settings.SESSION_COOKIE_DOMAIN, settings.SESSION_COOKIE_PATH],
    "csrf": [settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE, settings.CSRF_COOKIE_SAMESITE,
        settings.CSRF_COOKIE_DOMAIN, settings.CSRF_COOKIE_PATH],
    "others": [settings.KNOWN_BROWSER_COOKIE, settings.TABLET_COOKIE, settings.MESSAGE_STORAGE.rpartition(".")[2]],
    "password": make_password("any words").split("$")[:2],
}))
"""


def test_production_answers_by_https_with_cookies_of_its_own_host_alone():
    outcome = start_production("shell", "--no-imports", "--command", ANSWERS, **PRODUCTION)
    assert outcome.returncode == 0, outcome.stderr

    assert json.loads(outcome.stdout.strip().splitlines()[-1]) == {
        "debug": False,
        "plain": [301, "https://clinic.example/treatments/"],
        "hsts": "max-age=63072000; includeSubDomains; preload",
        "session": ["__Host-session", True, True, "Lax", None, "/"],
        "csrf": ["__Host-csrf", True, "Lax", None, "/"],
        "others": ["__Secure-known_browser", "__Host-tablet", "SessionStorage"],
        "password": ["scrypt", "16384"],
    }


@pytest.mark.parametrize(("switch", "is_limited"), [("on", True), ("off", False)])
def test_the_switch_of_rate_limits_is_that_of_the_sign_in_page_too(switch, is_limited):
    places = {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9"}
    says = "from clinic.settings import dev; print(getattr(dev, 'ACCOUNT_RATE_LIMITS', {}) is not False)"
    ran = subprocess.run(
        [sys.executable, "-c", says],
        env=os.environ | places | {"RATE_LIMITS": switch},
        capture_output=True,
        text=True,
        check=True,
        cwd=environment.PROJECT_DIR,
    )

    assert ran.stdout.strip() == str(is_limited)
