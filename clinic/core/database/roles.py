"""The role by which web, worker, beat and messages are served, and what it may do: rows, no tables, and no past."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from psycopg import sql

from clinic.core.database import functions, trail
from clinic.core.database.owner import Role

ONE_AT_A_TIME = 0x6A7E5
ROWS = sql.SQL("SELECT, INSERT, UPDATE, DELETE")
PLAIN = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
TOO_MUCH = """
SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls OR NOT rolcanlogin
FROM pg_roles WHERE rolname = %s
"""
OWNED = """
SELECT relname, relkind = 'S' FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'S') AND pg_has_role(relowner, 'USAGE')
"""


def settle(app: Role | None) -> None:
    """Finish a migration: write the functions anew, and give the app's role what it may do."""
    functions.install()
    if app:
        grant(app.name)


def make(name: str, password: str) -> None:
    """Make the role, or make it what it should be. The server is sent a digest of the password, so none is in its log."""
    with transaction.atomic(), connection.cursor() as cursor:
        who = sql.Identifier(name)
        cursor.execute(TOO_MUCH, [name])
        found = cursor.fetchone()
        if not found:
            cursor.execute(sql.SQL(f"CREATE ROLE {{}} LOGIN {PLAIN}").format(who))
        elif found[0]:  # asked for only if need be: an owner who is no superuser may not say NOSUPERUSER
            cursor.execute(sql.SQL(f"ALTER ROLE {{}} LOGIN {PLAIN}").format(who))
        digest = connection.connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
        cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(who, sql.Literal(digest.decode())))


def grant(name: str) -> None:
    """Let the role work with rows, and only add to what is only added to. All or nothing, so that no request is refused."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        who = sql.Identifier(name)
        _of_database(cursor, who)
        cursor.execute(OWNED)
        rows = cursor.fetchall()
        tables = [table for table, is_sequence in rows if not is_sequence]
        _of_tables(cursor, who, tables)
        if sequences := [name for name, is_sequence in rows if is_sequence]:
            cursor.execute(sql.SQL("GRANT USAGE ON {} TO {}").format(_names("SEQUENCE", sequences), who))
        for function in functions.OURS:
            cursor.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(function), who))


def _of_database(cursor: Any, who: sql.Identifier) -> None:
    """Nobody but the owner makes tables; the app makes temporary ones, on which it tries changes of the diary."""
    cursor.execute("SELECT current_database(), current_schema()")
    database, schema = map(sql.Identifier, cursor.fetchone())
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC, {who}",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {who}",
        "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {who}",
        "GRANT USAGE ON SCHEMA {schema} TO {who}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {who}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE ON SEQUENCES TO {who}",
    ):
        cursor.execute(sql.SQL(statement).format(database=database, schema=schema, who=who))


def _of_tables(cursor: Any, who: sql.Identifier, tables: list[str]) -> None:
    if not tables:
        return
    every = _names("TABLE", tables)
    cursor.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC, {}").format(every, who))
    cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(ROWS, every, who))
    for table, refused in trail.kept_from_the_app().items():
        if table in tables:
            what = sql.SQL(", ").join(map(sql.SQL, sorted(refused)))
            cursor.execute(sql.SQL("REVOKE {} ON {} FROM {}").format(what, sql.Identifier(table), who))


def _names(kind: str, names: list[str]) -> sql.Composed:
    return sql.SQL(f"{kind} ") + sql.SQL(", ").join(map(sql.Identifier, sorted(names)))
