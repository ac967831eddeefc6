"""The peer in a virtualenv of its own, made on first use; it never comes near ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
PROJECT = HERE / "django_appointment"
PATIENCE = 900


class NotThere(Exception):
    """The peer cannot be installed or does not run here; its rows say so and are missed."""


def python() -> Path:
    """The peer's Python, with what its requirements pin."""
    home = Path(os.environ["DATA_DIR"]).parents[1] / "peers" / "django-appointment"  # the stage works two levels below
    done, executable = home / "installed", home / "bin" / "python"
    if done.exists() and done.read_text() == REQUIREMENTS.read_text():
        return executable
    venv.create(home, with_pip=True, clear=True)
    command = [executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*command, "--require-hashes", "--requirement", REQUIREMENTS], os.environ.copy())
    done.write_text(REQUIREMENTS.read_text())
    return executable


@cache
def measured(**asked: int) -> dict[str, Any] | str:
    """What the peer takes: statements, milliseconds, racers confirmed; or why it could not be measured.

    Run once in a process, on a database of its own.
    """
    try:
        return _measure(asked)
    except NotThere as reason:
        return str(reason)


def _measure(asked: dict[str, int]) -> dict[str, Any]:
    name, server_url = f"peer_{os.getpid()}", os.environ["DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            environment = {"PATH": os.environ["PATH"], "DATABASE_URL": f"{server_url}/{name}"}
            printed = _run([python(), "measure.py", json.dumps(asked)], environment)
        finally:
            with suppress(psycopg.Error):
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return answer


def _run(command: list[Any], environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True, timeout=PATIENCE
        )
    except (subprocess.SubprocessError, OSError) as error:
        told = getattr(error, "stderr", "") or str(error)
        print(told, file=sys.stderr)
        raise NotThere(told.strip().splitlines()[-1] if told.strip() else "no reason given") from error
    return done.stdout
