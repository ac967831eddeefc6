"""What the database holds of a record whoever writes to it: numbers without gaps, a chain, the right patient. For migrations."""

from __future__ import annotations

from django.db import migrations

# Locks the patient's key, so that entries of one record come one after the other; order of locks: visit, key, the rest.
_CHAIN = """
CREATE OR REPLACE FUNCTION chain_entry_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head RECORD;
    theirs bigint;
BEGIN
    SELECT head_number, head_digest INTO head FROM records_recordkey WHERE patient_id = NEW.patient_id FOR NO KEY UPDATE;
    IF NOT FOUND OR NEW.number <> head.head_number + 1 OR NEW.prev_digest <> head.head_digest THEN
        RAISE EXCEPTION 'an entry follows the newest of its record'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_follows_the_newest';
    END IF;
    IF octet_length(NEW.digest) <> 32 OR NEW.recorded_at < transaction_timestamp() OR NEW.recorded_at > clock_timestamp() THEN
        RAISE EXCEPTION 'an entry is dated by the clock of the database'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_is_dated_by_the_database';
    END IF;
    IF NEW.visit_id IS NOT NULL THEN
        SELECT patient_id INTO theirs FROM bookings_appointment WHERE id = NEW.visit_id;
        IF theirs IS DISTINCT FROM NEW.patient_id THEN
            RAISE EXCEPTION 'a visit belongs to the patient of its entries'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_is_of_the_visits_patient';
        END IF;
    END IF;
    UPDATE records_recordkey SET head_number = NEW.number, head_digest = NEW.digest WHERE patient_id = NEW.patient_id;
    RETURN NEW;
END $$;
CREATE TRIGGER records_entry_follows BEFORE INSERT ON records_entry
    FOR EACH ROW EXECUTE FUNCTION chain_entry_of_record();
"""
_NO_CHAIN = "DROP TRIGGER records_entry_follows ON records_entry; DROP FUNCTION chain_entry_of_record();"

# Depth 2: a statement inside the trigger above. Whoever changes the head by hand is at depth 1.
_HEAD = """
CREATE OR REPLACE FUNCTION keep_head_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.head_number = 0 AND NEW.head_digest = decode(repeat('00', 32), 'hex') THEN
            RETURN NEW;
        END IF;
    ELSIF pg_trigger_depth() > 1 OR (NEW.head_number = OLD.head_number AND NEW.head_digest = OLD.head_digest
        AND NEW.patient_id = OLD.patient_id AND NEW.reference = OLD.reference) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the head of a record is moved by its entries'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'record_head_is_moved_by_entries';
END $$;
CREATE TRIGGER records_recordkey_head BEFORE INSERT OR UPDATE ON records_recordkey
    FOR EACH ROW EXECUTE FUNCTION keep_head_of_record();
"""
_NO_HEAD = "DROP TRIGGER records_recordkey_head ON records_recordkey; DROP FUNCTION keep_head_of_record();"

_CORRECTS = """
ALTER TABLE records_entry ADD CONSTRAINT correction_is_of_the_same_patient
    FOREIGN KEY (corrects_id, patient_id) REFERENCES records_entry (id, patient_id);
"""
_NO_CORRECTS = "ALTER TABLE records_entry DROP CONSTRAINT correction_is_of_the_same_patient;"


def chain() -> list[migrations.RunSQL]:
    """Put all of it on the tables of migration `0002_spine`."""
    return [
        migrations.RunSQL(_CHAIN, _NO_CHAIN),
        migrations.RunSQL(_HEAD, _NO_HEAD),
        migrations.RunSQL(_CORRECTS, _NO_CORRECTS),
    ]


def same_patient(table: str, column: str = "entry_id", *, name: str) -> migrations.RunSQL:
    """Tie a typed row to an entry of the same patient: a composite key, which Django's models do not know."""
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, patient_id)"
        " REFERENCES records_entry (id, patient_id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )
