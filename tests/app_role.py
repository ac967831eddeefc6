"""The role by which the clinic is served in production, in the database of this test process."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

from clinic.core.database import roles


@dataclass(frozen=True, slots=True)
class AppRole:
    name: str
    password: str

    def connect(self) -> psycopg.Connection:
        """Sign in by it, as the app does."""
        parameters = connection.get_connection_params()
        place = {name: parameters[name] for name in ("host", "port", "dbname")}
        return psycopg.connect(**place, user=self.name, password=self.password, autocommit=True)


@pytest.fixture(scope="session")
def app_role(django_db_setup, django_db_blocker):
    """Made once a process, under a name of its own: all databases of a server share their roles."""
    with django_db_blocker.unblock():
        role = AppRole(f"app_of_{connection.settings_dict['NAME']}", "app'secret")
        roles.make(role.name, role.password)
        roles.grant(role.name)
        yield role
        drop(role.name)


@pytest.fixture
def as_app_role(app_role, db):
    """All that the test asks of the database is asked by the app's role, until its transaction is rolled back."""
    assert connection.in_atomic_block, "the end of a transaction takes it back"
    with connection.cursor() as cursor:
        cursor.execute(f'SET SESSION AUTHORIZATION "{app_role.name}"')


@contextmanager
def two_roles(settings, name):
    """As in production: `connection` signs in as a role of that name, and OWNER_DATABASE_URL names the owner.

    The role itself is for `prepare_database` to make.
    """
    owner = {key: connection.settings_dict[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    password = quote(owner["PASSWORD"])
    settings.OWNER_DATABASE_URL = "postgresql://{USER}:{}@{HOST}:{PORT}/{NAME}".format(password, **owner)
    connection.close()
    connection.settings_dict.update(USER=name, PASSWORD="app's secret")
    try:
        yield AppRole(name, "app's secret")
    finally:
        connection.close()
        connection.settings_dict.update(owner)
        drop(name)


def drop(name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [name])
        if cursor.fetchall():
            cursor.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')
