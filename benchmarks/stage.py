"""Where the measuring happens: a database, a broker and a directory of its own, on production settings.

The clinic's own data is never touched; all of it is gone afterwards. No model is imported before `build`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
import socket
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from clinic.running import embedded

HOST = "bench.example"
PROJECT = Path(__file__).resolve().parents[1]
OUTSIDE = dict(os.environ)  # for programs that run beside the stage, not on it


def data_dir() -> Path:
    given = Path(os.environ.get("DATA_DIR") or "var")
    return given if given.is_absolute() else PROJECT / given


@contextlib.contextmanager
def build() -> Iterator[None]:
    """Make everything, set Django up on it, and clear it away at the end."""
    server_url = os.environ.get("DATABASE_URL") or embedded.database_url(data_dir())
    name, directory = f"bench_{os.getpid()}", data_dir() / "bench" / f"run-{os.getpid()}"
    directory.mkdir(parents=True)
    try:
        with _database(server_url, name):
            os.environ |= _environment(server_url, name, directory, embedded.redis_url(directory))
            _set_up()
            yield
    finally:
        embedded.stop(directory)
        shutil.rmtree(directory, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _database(server_url: str, name: str) -> Iterator[None]:
    with psycopg.connect(server_url, dbname="postgres", autocommit=True) as server:
        new, template = sql.Identifier(name), sql.Identifier(os.environ.get("BENCH_TEMPLATE") or "template1")
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, template))
    try:
        yield
    finally:
        connections.close_all()
        with psycopg.connect(server_url, dbname="postgres", autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))


def _environment(server_url: str, name: str, directory: Path, redis_url: str) -> dict[str, str]:
    path = server_url.rpartition("/")[0]
    return {
        "DJANGO_SETTINGS_MODULE": "clinic.settings.production",
        "DATABASE_URL": f"{path}/{name}",
        "REDIS_URL": redis_url,
        "DATA_DIR": str(directory),
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
        "SMS_URL": f"file:{directory / 'sms'}",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEYS": f"bench:{urlsafe_b64encode(secrets.token_bytes(32)).decode()}",
        "SITE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "RATE_LIMITS": "off",
    }


def _set_up() -> None:
    django.setup()
    logging.getLogger().setLevel(logging.WARNING)
    call_command("build_css")
    call_command("migrate", verbosity=0, interactive=False)


def bare_connection() -> psycopg.Connection:
    """A connection without Django. It does not prepare statements: their general plans are the slower ones here."""
    database: dict[str, Any] = settings.DATABASES["default"]
    info = make_conninfo(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        dbname=database["NAME"],
        password=database["PASSWORD"] or None,
    )
    return psycopg.connect(info, autocommit=True, prepare_threshold=None, options="-c timezone=UTC")
