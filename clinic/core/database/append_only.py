"""Refuse UPDATE, DELETE and TRUNCATE of a table by triggers in plain SQL, for migrations.

They are not of django-pgtrigger, whose triggers a session can set aside by a variable.
"""

from __future__ import annotations

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change_of_what_is_added_to_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only added to', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'record_is_append_only', TABLE = TG_TABLE_NAME;
END $$
"""
NO_FUNCTION = "DROP FUNCTION refuse_change_of_what_is_added_to_only()"
TRIGGERS = """
CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_what_is_added_to_only();
CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_what_is_added_to_only();
"""
NO_TRIGGERS = "DROP TRIGGER {table}_rows_stay ON {table}; DROP TRIGGER {table}_stays ON {table};"


def make_function() -> migrations.RunSQL:
    """Write the function that the triggers call."""
    return migrations.RunSQL(FUNCTION, NO_FUNCTION)


def protect(*tables: str) -> list[migrations.RunSQL]:
    """Put the triggers on tables."""
    return [
        migrations.RunSQL(TRIGGERS.format(table=table), NO_TRIGGERS.format(table=table), elidable=False)
        for table in tables
    ]
