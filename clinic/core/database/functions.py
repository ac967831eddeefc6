"""Functions of the database by which its trails are added to, and forgotten from. `migrate` writes them anew each time.

They belong to the owner. Those that forget run with the owner's rights, and do what the registry of personal data says
and nothing else: who calls them chooses rows, never columns or values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Func
from psycopg import sql

from clinic.core.database import trail
from clinic.core.personal import registry
from clinic.core.personal.emptying import emptied
from clinic.core.personal.vocabulary import Personal

OURS = ("forget_in_trail(text, bigint[], text)", "forget_who_did(bigint)")

# pghistory's own writes over what a context said before, so that whoever knows its number could change who did it.
# Here it is added to only: what differs is a context of its own, named after both.
ATTACH_CONTEXT = sql.SQL("""
CREATE OR REPLACE FUNCTION {schema}._pgh_attach_context() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    _id uuid := NULLIF(current_setting('pghistory.context_id', true), '');
    _metadata jsonb := NULLIF(current_setting('pghistory.context_metadata', true), '');
BEGIN
    IF _id IS NULL OR _metadata IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO {schema}.pghistory_context (id, metadata, created_at, updated_at)
        VALUES (_id, _metadata, now(), now()) ON CONFLICT (id) DO NOTHING;
    IF FOUND OR EXISTS (SELECT FROM {schema}.pghistory_context WHERE id = _id AND metadata = _metadata) THEN
        RETURN _id;
    END IF;
    _id := md5(_id::text || _metadata::text)::uuid;
    INSERT INTO {schema}.pghistory_context (id, metadata, created_at, updated_at)
        VALUES (_id, _metadata, now(), now()) ON CONFLICT (id) DO NOTHING;
    RETURN _id;
END $$""")

# pgtrigger's own lets any session set triggers aside by a variable that anybody may set.
SHOULD_IGNORE = sql.SQL("""
CREATE OR REPLACE FUNCTION {schema}._pgtrigger_should_ignore(trigger_name name) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    _ignored text[] := NULLIF(current_setting('pgtrigger.ignore', true), '');
BEGIN
    RETURN COALESCE(trigger_name = ANY (_ignored), false) AND pg_has_role((
        SELECT proowner FROM pg_catalog.pg_proc
        WHERE proname = '_pgtrigger_should_ignore' AND pronamespace = {name}::regnamespace
    ), 'USAGE');
END $$""")

# A session finds a temporary table of its own before the real one, so a trail could be led astray by one of its name.
TRIGGER_FUNCTIONS = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'pgtrigger_') AND pg_has_role(proowner, 'USAGE')
"""

LOG = sql.SQL("""
    INSERT INTO {log} (at, trail, how, number, role, context) VALUES
        (now(), _trail, _how, _number, session_user, NULLIF(current_setting('pghistory.context_id', true), '')::uuid);
    RETURN _number;
""")

FORGET_IN_TRAIL = sql.SQL("""
CREATE OR REPLACE FUNCTION forget_in_trail(_trail text, _rows bigint[], _how text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    _number bigint;
    _before text := current_setting('pgtrigger.ignore', true);
BEGIN
    PERFORM set_config('pgtrigger.ignore', {triggers}, true);
    CASE _trail || ' ' || _how {cases}
    ELSE RAISE EXCEPTION 'of % nothing is forgotten by %', _trail, _how USING ERRCODE = 'insufficient_privilege';
    END CASE;
    GET DIAGNOSTICS _number = ROW_COUNT;
    PERFORM set_config('pgtrigger.ignore', _before, true);
    {log}
END $$""")

FORGET_WHO_DID = sql.SQL("""
CREATE OR REPLACE FUNCTION forget_who_did(_account bigint) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    _number bigint;
    _trail text := 'pghistory_context';
    _how text := 'who';
BEGIN
    IF EXISTS (SELECT FROM {accounts} WHERE id = _account) THEN
        RAISE EXCEPTION 'account % is still there' , _account USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE pghistory_context SET metadata = metadata - 'user' - 'url' WHERE metadata ->> 'user' = _account::text;
    GET DIAGNOSTICS _number = ROW_COUNT;
    {log}
END $$""")


def install() -> None:
    """Write them anew, by the owner. Whom they may be used by is up to `roles.grant`; nobody else may."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        name = cursor.fetchone()[0]
        schema = sql.Identifier(name)
        cursor.execute(ATTACH_CONTEXT.format(schema=schema))
        cursor.execute(SHOULD_IGNORE.format(schema=schema, name=sql.Literal(name)))
        for statement in _forgetting(schema):
            cursor.execute(statement)
        for function in OURS:
            cursor.execute(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(sql.SQL(function)))
        cursor.execute(TRIGGER_FUNCTIONS)
        for (function,) in cursor.fetchall():
            fixed = sql.SQL("ALTER FUNCTION {} SET search_path = {}, pg_temp")
            cursor.execute(fixed.format(sql.SQL(function), schema))


def _forgetting(schema: sql.Identifier) -> Iterator[sql.Composed]:
    log = LOG.format(log=sql.Identifier("core_forgotten"))
    cases = sql.SQL("").join(
        sql.SQL("WHEN {} THEN {};").format(sql.Literal(f"{one.model._meta.db_table} {how}"), statement)  # noqa: SLF001
        for one in registry.personal()
        if trail.is_added_to_only(one.model) and not trail.is_log(one.model)
        for how, statement in _statements(one)
    )
    triggers = sql.Literal("{" + ",".join(registry.protecting_triggers()) + "}")
    yield FORGET_IN_TRAIL.format(schema=schema, triggers=triggers, cases=cases, log=log)
    accounts = sql.Identifier(get_user_model()._meta.db_table)  # noqa: SLF001
    yield FORGET_WHO_DID.format(schema=schema, accounts=accounts, log=log)


def _statements(one: Personal) -> Iterator[tuple[str, sql.Composed]]:
    table, key = sql.Identifier(one.model._meta.db_table), sql.Identifier(str(one.model._meta.pk.column))  # noqa: SLF001
    values = emptied(one)
    if values:
        yield "blank", _update(one, table, key, values)
    if one.cut:
        yield "cut", _update(one, table, key, {**values, one.cut: None})
    else:
        yield "erase", sql.SQL("DELETE FROM {} WHERE {} = ANY (_rows)").format(table, key)


def _update(one: Personal, table: sql.Identifier, key: sql.Identifier, values: dict[str, Any]) -> sql.Composed:
    pairs = sql.SQL(", ").join(_pair(one.model._meta.get_field(name), value) for name, value in values.items())  # noqa: SLF001
    return sql.SQL("UPDATE {} SET {} WHERE {} = ANY (_rows)").format(table, pairs, key)


def _pair(field: Any, value: Any) -> sql.Composed:
    if isinstance(value, Func):
        return sql.SQL("{} = {}").format(sql.Identifier(field.column), sql.SQL(str(value.template)))
    return sql.SQL("{} = {}").format(
        sql.Identifier(field.column), sql.Literal(field.get_db_prep_save(value, connection))
    )
