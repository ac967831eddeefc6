"""A migrated database that test processes copy: the migrations run once a change, not once a process and run.

`python -m tests.template_database` makes it ahead of time.
"""

from __future__ import annotations

import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

ONE_AT_A_TIME = 0x7E57DB


@cache  # once tests run, the connection bears the name of their own database
def ensure() -> str:
    """Return the template's name, making it first if no migration of today made one before."""
    prefix = f"template_{connection.settings_dict['NAME']}_"
    name = f"{prefix}{_fingerprint()}"
    with psycopg.connect(**_address(), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        found = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]).fetchall()
        if (name,) not in found:
            for (stale,) in found:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(stale)))
            unfinished = f"{prefix}unfinished"
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
            _migrate(unfinished)
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            server.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(name)))
    return name


def _fingerprint() -> str:
    """Tell one set of migrations from another by their very text, and by what `migrate` writes after them."""
    from clinic.core.database import functions  # noqa: PLC0415 -- models are not loaded before
    from clinic.core.personal import registry  # noqa: PLC0415

    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations.values()
    files = sorted({str(sys.modules[migration.__module__].__file__) for migration in migrations})
    texts = [*(Path(file).read_bytes() for file in [*files, functions.__file__]), registry.version().encode()]
    return sha256(b"".join(texts)).hexdigest()[:12]


def _migrate(name: str) -> None:
    ours = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = ours


def _address() -> dict[str, str]:
    parameters = connection.get_connection_params()
    named = {key: parameters[key] for key in ("host", "port", "user", "password") if parameters.get(key)}
    return {**named, "dbname": "postgres"}


if __name__ == "__main__":
    import os

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings.test"
    django.setup()
    ensure()
