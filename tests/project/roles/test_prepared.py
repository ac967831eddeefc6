"""`prepare_database` and `migrate` as the containers run them: the owner makes the role, and the app signs in by it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.core.checks import registry
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from psycopg import sql

from bookings.visits.models import PatientNote
from clinic.core.models import Forgotten
from clinic.core.sealing import keyring
from clinic.privacy import erasure
from clinic.privacy.people import person_of
from clinic.running.checks import the_role_of_the_app
from tests.app_role import two_roles
from tests.factories.bookings import PatientNoteFactory
from tests.factories.clinic import PatientFactory

PROJECT_DIR = Path(__file__).resolve().parents[3]
WARNED = ["clinic.W001", "clinic.W002", "clinic.W003", "clinic.W004"]


def run(*command, **options):
    told = io.StringIO()
    call_command(*command, stdout=told, **options)
    return told.getvalue()


def warnings():
    return [found.id for found in the_role_of_the_app()]


@pytest.mark.django_db(transaction=True)
def test_the_owner_makes_the_role_migrates_and_turns_keys_and_the_app_serves(settings, tmp_path):
    """Each twice, as each start of the containers does; and refused in words where the owner is not named."""
    owner, name = connection.settings_dict["USER"], f"second_of_{connection.settings_dict['NAME']}"
    assert the_role_of_the_app in registry.registry.deployment_checks
    assert warnings() == WARNED

    with two_roles(settings, name):
        assert "may work with rows" in run("prepare_database")
        run("prepare_database")
        run("migrate", verbosity=0)
        assert connection.settings_dict["USER"] == name
        assert warnings() == []

        note = PatientNoteFactory(text="Likes tea")
        old = settings.FIELD_KEYS
        with override_settings(FIELD_KEYS={"new": b"n" * 32} | old):
            assert "1 sealed anew" in run("rotate_field_keys")
            stored = PatientNote.objects.values_list("text", flat=True).get()
            assert keyring.key_of(str(stored)) == "new"
        with override_settings(FIELD_KEYS={"new": b"n" * 32}):
            assert PatientNote.objects.get(pk=note.pk).text == "Likes tea"

        settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
        erasure.erase(person_of(patient=PatientFactory()), now=timezone.now(), by=None)
        assert set(Forgotten.objects.values_list("trail", "role")) == {("patients_patientevent", name)}

        named, settings.OWNER_DATABASE_URL = settings.OWNER_DATABASE_URL, ""
        for command in ("migrate", "rotate_field_keys", "prepare_database"):
            with pytest.raises(CommandError, match="OWNER_DATABASE_URL"):
                run(command)
        settings.OWNER_DATABASE_URL = named
    assert connection.settings_dict["USER"] == owner


@pytest.mark.django_db(transaction=True)
def test_it_refuses_what_makes_no_two_roles(settings):
    """One name for both; two databases; an owner who owns nothing here. Nothing is made."""
    name = f"third_of_{connection.settings_dict['NAME']}"
    with two_roles(settings, name):
        right = settings.OWNER_DATABASE_URL
        with_name = right.replace(right.split("//")[1].split(":")[0], name, 1)
        for url, why in ((with_name, "one role"), (right + "_other", "two databases")):
            settings.OWNER_DATABASE_URL = url
            with pytest.raises(CommandError, match=why):
                run("prepare_database")
        settings.OWNER_DATABASE_URL = right
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [name])
        assert cursor.fetchall() == []
        assert warnings() == WARNED


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_an_owner_who_is_no_superuser_does_for_a_database_of_its_own():
    """From an empty database, by the commands of the containers in processes of their own, to the demo clinic."""
    word = uuid.uuid4().hex[:8]
    owner, app, database = (sql.Identifier(f"{kind}_{word}") for kind in ("owner", "app", "clinic"))
    place = connection.get_connection_params()
    address = {key: place[key] for key in ("host", "port", "user", "password")}
    where = f"{place['host']}:{place['port']}/clinic_{word}"
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "clinic.settings.dev",
        "DATABASE_URL": f"postgresql://app_{word}:{quote('an app')}@{where}",
        "OWNER_DATABASE_URL": f"postgresql://owner_{word}:secret@{where}",
    }

    def manage(*command):
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT_DIR,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    with psycopg.connect(**address, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD 'secret'").format(owner))
        server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
        try:
            for _time in range(2):
                manage("prepare_database")
                manage("migrate", "--verbosity", "0")
            manage("seed")
            warned = manage("check", "--deploy")
            with psycopg.connect(
                **address | {"user": f"app_{word}", "password": "an app"}, dbname=f"clinic_{word}"
            ) as ours:
                seen = ours.execute("SELECT count(*) FROM bookings_appointmentevent").fetchone()
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
            server.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(app))
            server.execute(sql.SQL("DROP ROLE {}").format(owner))
    assert "clinic.W" not in warned
    assert seen[0] > 0
