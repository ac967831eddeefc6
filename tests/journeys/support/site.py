"""The demo clinic in a database of its own, served by a process of its own.

Journeys commit, and other tests of the same worker must not see it. So the worker's test database is copied, the copy
is seeded once, and while a journey runs this process looks at the copy. Nothing is truncated: each test brings its own
patients and takes its times from the page, and what care and carers it brings are put out of the next one's sight.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from wagtail.models import Page

from clinic.catalogue.models import Treatment
from clinic.practitioners.models import Practitioner

SERVER_STARTS_WITHIN = 60  # seconds
PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Site:
    url: str
    database: str
    data_dir: Path

    @property
    def settings(self) -> dict:
        """What this process must share with the server while a journey runs."""
        return {
            "SITE_URL": self.url,
            "MEDIA_ROOT": self.data_dir / "media",
            "SMS_URL": f"file:{self.data_dir / 'sms'}",
            "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "journeys"}},
            "CELERY_BROKER_URL": "memory://",
        }


@contextmanager
def running_site(data_dir: Path) -> Iterator[Site]:
    """Copy, seed, serve; at the end stop and drop."""
    source = connection.settings_dict["NAME"]
    assert source.startswith("test_"), "only a test database is copied"
    site = Site(url=f"http://localhost:{_free_port()}", database=f"{source}_journeys", data_dir=data_dir)
    _make_database(site.database, source)
    try:
        with connected_to(site.database), override_settings(**site.settings):
            call_command("seed", stdout=StringIO())
        with _serving(site):
            yield site
    finally:
        connections.close_all()
        with _maintenance() as run:
            run(f'DROP DATABASE IF EXISTS "{site.database}" WITH (FORCE)')


def seeded_care() -> dict[type[Treatment | Practitioner], list[int]]:
    return {model: list(model.objects.values_list("pk", flat=True)) for model in (Treatment, Practitioner)}


def hide_other_care(seeded: dict[type[Treatment | Practitioner], list[int]]) -> None:
    """From the public pages and the choices of a booking."""
    for model, kept in seeded.items():
        model.objects.filter(live=True).exclude(pk__in=kept).update(live=False)


@contextmanager
def connected_to(database: str) -> Iterator[None]:
    """Let Django's default connection look at another database for a while."""
    connections.close_all()
    former = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = former


def _make_database(name: str, source: str) -> None:
    """A copy of the migrated test database; from scratch where tests have emptied that of what migrations put there."""
    is_pristine = Page.objects.filter(depth=1).exists()
    connections.close_all()
    with _maintenance() as run:
        run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        run(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{source}"' if is_pristine else ""))
    if not is_pristine:
        with connected_to(name):
            call_command("migrate", verbosity=0)


@contextmanager
def _maintenance() -> Iterator:
    with connection._nodb_cursor() as cursor:  # Django's own way to make and drop test databases
        yield cursor.execute


@contextmanager
def _serving(site: Site) -> Iterator[None]:
    port = site.url.rpartition(":")[2]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.journeys.support.server_settings",
        "JOURNEY_DATABASE": site.database,
        "JOURNEY_DATA_DIR": str(site.data_dir),
        "JOURNEY_URL": site.url,
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port]
    command += ["--workers", "1", "--blocking-threads", "4", "--log-level", "warning", "clinic.wsgi:application"]
    log_path = site.data_dir / "server.log"
    with log_path.open("w") as log:
        server = subprocess.Popen(command, env=environment, cwd=PROJECT, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_for(site, server, log_path)
            yield
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_for(site: Site, server: subprocess.Popen, log_path: Path) -> None:
    until = time.monotonic() + SERVER_STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{site.url}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The journeys' server did not start:\n{log_path.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
