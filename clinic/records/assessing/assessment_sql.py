"""What the database holds of assessments, and of the visits that need one, whoever writes to it. For migrations."""

from __future__ import annotations

from django.db import migrations

from clinic.records.entries.chain_sql import same_patient

# The keys of prescriptions will point to the assessor, so it must be who signed (RX-01).
_ASSESSOR = """
CREATE FUNCTION check_assessment_against_its_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM records_entry e
        WHERE e.id = NEW.entry_id AND e.kind = 'assessment' AND e.practitioner_id = NEW.assessor_id
            AND e.occurred_at = NEW.assessed_at
    ) THEN
        RAISE EXCEPTION 'an assessment is signed by its assessor'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'assessment_is_signed_by_its_assessor';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER records_assessment_is_signed BEFORE INSERT ON records_assessment
    FOR EACH ROW EXECUTE FUNCTION check_assessment_against_its_entry();
"""
_NO_ASSESSOR = """
DROP TRIGGER records_assessment_is_signed ON records_assessment;
DROP FUNCTION check_assessment_against_its_entry();
"""

_OUTCOME = """
ALTER TABLE records_assessmentoutcome ADD CONSTRAINT outcome_is_of_an_assessment
    FOREIGN KEY (entry_id) REFERENCES records_assessment (entry_id);
"""
_NO_OUTCOME = "ALTER TABLE records_assessmentoutcome DROP CONSTRAINT outcome_is_of_an_assessment;"

# The last word on completion. What was done is a signed note until there is the record of a treatment (ADR 24).
# A visit that is written down as over, as by an import, was recorded where it came from.
_COMPLETION = """
CREATE FUNCTION complete_visit_with_its_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    needed text;
BEGIN
    SELECT record_kind INTO needed FROM records_treatmentrules WHERE treatment_id = NEW.treatment_id;
    IF needed IS NULL OR needed = 'none' OR EXISTS (
        SELECT FROM records_entry e
        WHERE e.visit_id = NEW.id
            AND CASE needed
                WHEN 'consultation' THEN EXISTS (SELECT FROM records_assessment a WHERE a.entry_id = e.id)
                ELSE e.kind IN ('treatment', 'note')
            END
            AND NOT EXISTS (SELECT FROM records_entry s WHERE s.corrects_id = e.id AND s.kind = 'strike')
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a visit is completed with its record'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'visit_completes_with_its_record';
END $$;
CREATE TRIGGER records_complete_visit BEFORE UPDATE OF status ON bookings_appointment
    FOR EACH ROW WHEN (NEW.status = 'completed' AND OLD.status <> 'completed')
    EXECUTE FUNCTION complete_visit_with_its_record();
"""
_NO_COMPLETION = """
DROP TRIGGER records_complete_visit ON bookings_appointment;
DROP FUNCTION complete_visit_with_its_record();
"""


def hold() -> list[migrations.RunSQL]:
    """Put all of it on the tables of migration `0007_assessments`."""
    return [
        same_patient("records_assessment", name="assessment_is_of_its_entrys_patient"),
        same_patient("records_assessmentoutcome", name="outcome_is_of_its_entrys_patient"),
        migrations.RunSQL(_OUTCOME, _NO_OUTCOME),
        migrations.RunSQL(_ASSESSOR, _NO_ASSESSOR),
        migrations.RunSQL(_COMPLETION, _NO_COMPLETION),
    ]
