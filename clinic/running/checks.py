"""`manage.py check --deploy`: whether the role that serves the clinic can do no more than it should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 -- Django's own name
from django.db import connection

from clinic.core.database import trail
from clinic.running import health

ROLE = """
SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls,
    EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'USAGE')),
    has_schema_privilege(current_schema(), 'CREATE') OR has_database_privilege(current_database(), 'CREATE'),
    _pgtrigger_should_ignore('x') OR EXISTS (
        SELECT FROM pg_proc WHERE starts_with(proname, 'pgtrigger_') AND proconfig IS NULL
    )
FROM pg_roles, set_config('pgtrigger.ignore', '{x}', true) WHERE rolname = current_user
"""
MAY = """
SELECT table_name FROM unnest(%s::text[], %s::text[]) AS kept (table_name, refused)
WHERE to_regclass(table_name) IS NOT NULL AND has_table_privilege(to_regclass(table_name), refused || ', TRUNCATE, TRIGGER')
ORDER BY table_name
"""
HINT = "Give the app a role of its own: OWNER_DATABASE_URL and manage.py prepare_database (docs/operations.md)."


@register(Tags.security, deploy=True)
def the_role_of_the_app(**_options: Any) -> list[CheckMessage]:
    """Warn of what the role of `DATABASE_URL` may do too much; a database that does not answer is for `/readyz` to say."""
    try:
        with health.probe() as asked:
            found = list(_too_much(asked))
    except psycopg.Error:
        return []
    name = connection.settings_dict["USER"]
    return [Warning(f"{name} {what}", hint=HINT, id=f"clinic.{number}") for number, what in found]


def _too_much(asked: psycopg.Connection[Any]) -> Iterator[tuple[str, str]]:
    role = asked.execute(ROLE).fetchone()
    is_mighty, owns_tables, makes_tables, ignores_triggers = role or (False,) * 4
    if is_mighty:
        yield "W001", "is a superuser of the database, or may make roles or databases, or pass by its rules."
    if owns_tables or makes_tables:
        yield "W002", "owns tables, or may make some: what the database forbids, it can allow itself."
    kept = {table: ", ".join(sorted(refused)) for table, refused in trail.kept_from_the_app().items()}
    if tables := [table for (table,) in asked.execute(MAY, [list(kept), list(kept.values())])]:
        yield "W003", f"may change the past: {', '.join(tables)}."
    if ignores_triggers:
        yield "W004", "may set aside, or lead astray, the triggers that write the trail of changes."
