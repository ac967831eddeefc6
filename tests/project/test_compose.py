"""docker-compose.yml and .env.example name what the settings read: no more, no less."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from clinic.settings.environment import NAMES

PROJECT_DIR = Path(__file__).resolve().parents[2]
COMPOSE_FILE = PROJECT_DIR / "docker-compose.yml"
OURS = {"migrate", "web", "worker", "beat", "messages", "watch"}
OF_THE_OWNER = "OWNER_DATABASE_URL"


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(COMPOSE_FILE.read_text())["services"]


def test_it_has_the_production_shape(services):
    replicas = {name: service.get("deploy", {}).get("replicas", 1) for name, service in services.items()}

    once = ("db", "broker", "migrate", "beat", "messages", "watch", "proxy")
    assert replicas == {**dict.fromkeys(once, 1), "web": 2, "worker": 2, "messages": 3}


def test_every_process_of_ours_gets_precisely_what_the_settings_read(services):
    for name in OURS:
        expected = {*NAMES, "DJANGO_SETTINGS_MODULE"} - ({OF_THE_OWNER} if name != "migrate" else set())
        assert set(services[name]["environment"]) == expected, name


def test_only_migrate_can_sign_in_as_the_owner_of_the_database(services):
    owner = {name for name in OURS if "POSTGRES_PASSWORD" in str(services[name]["environment"])}
    app = {services[name]["environment"]["DATABASE_URL"].partition(":$")[0] for name in OURS}

    assert owner == {"migrate"}
    assert app == {"postgresql://clinic_app"}
    assert services["migrate"]["environment"][OF_THE_OWNER].startswith("postgresql://clinic:")


def test_env_example_lists_precisely_what_the_settings_read():
    listed = re.findall(r"^([A-Z_]+)=", (PROJECT_DIR / ".env.example").read_text(), re.MULTILINE)

    assert sorted(listed) == sorted(NAMES)


def test_the_proxy_reads_the_uploads_that_the_app_writes(services):
    assert "media:/data/media" in services["web"]["volumes"]
    assert "media:/srv/media:ro" in services["proxy"]["volumes"]
    assert all("sheets:/data/sheets" in services[name]["volumes"] for name in ("worker", "messages"))
    assert all("copies:/data/copies" in services[name]["volumes"] for name in ("web", "worker", "messages"))
    assert "erasures:/data/erasures" in services["web"]["volumes"]
    assert services["broker"]["image"].startswith("valkey/valkey:")


def test_no_secret_has_a_default():
    wanted = set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE_FILE.read_text()))
    defaulted = set(re.findall(r"\$\{([A-Z_]+):-", COMPOSE_FILE.read_text()))

    assert wanted == {
        "POSTGRES_PASSWORD",
        "APP_DATABASE_PASSWORD",
        "EMAIL_URL",
        "SMS_URL",
        "SECRET_KEY",
        "FIELD_KEYS",
        "SITE_URL",
        "ALLOWED_HOSTS",
    }
    assert defaulted == {
        "RATE_LIMITS",
        "STAFF_SECOND_FACTOR",
        "ADVERTISING_RULES",
        "METRICS_TOKEN",
        "ALERT_SMS",
        "ALERT_EMAIL",
        "ANYMAIL_WEBHOOK_SECRET",
    }


def test_every_service_has_a_health_check_of_its_own_or_the_image(services):
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"web"}
    assert "HEALTHCHECK" in (PROJECT_DIR / "Dockerfile").read_text()


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
def test_compose_reads_it(tmp_path):
    values = dict.fromkeys(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE_FILE.read_text()), "x")
    command = ["docker-compose", "--file", str(COMPOSE_FILE), "config", "--quiet"]

    complete = subprocess.run(
        command, check=False, env=os.environ | values, cwd=tmp_path, capture_output=True, text=True
    )
    lacking = subprocess.run(
        command, check=False, env=os.environ | values | {"SECRET_KEY": ""}, cwd=tmp_path, capture_output=True, text=True
    )

    assert complete.returncode == 0, complete.stderr
    assert lacking.returncode != 0
    assert "SECRET_KEY" in lacking.stderr
