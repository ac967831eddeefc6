"""Keep an approved version as it is, by a trigger; for migrations."""

from __future__ import annotations

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change_of_approved_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'approved' AND NEW.state = 'retired'
        AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an approved version of % never changes', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approved_version_never_changes', TABLE = TG_TABLE_NAME;
END $$
"""
NO_FUNCTION = "DROP FUNCTION refuse_change_of_approved_version()"
TRIGGER = """
CREATE TRIGGER {table}_stays_as_approved BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_approved_version();
"""
NO_TRIGGER = "DROP TRIGGER {table}_stays_as_approved ON {table}"


def make_function() -> migrations.RunSQL:
    return migrations.RunSQL(FUNCTION, NO_FUNCTION)


def freeze(table: str) -> migrations.RunSQL:
    """Put the trigger on a table of versions."""
    return migrations.RunSQL(TRIGGER.format(table=table), NO_TRIGGER.format(table=table))
