"""What the database holds of consents that Django's models cannot say. For migrations."""

from __future__ import annotations

from django.db import migrations

from clinic.records.entries.chain_sql import same_patient

_KEYS = """
ALTER TABLE records_consentgrant ADD CONSTRAINT consent_is_to_what_the_version_said
    FOREIGN KEY (version_id, version_digest) REFERENCES records_consentversion (id, content_digest);
ALTER TABLE records_consentconfirmation ADD CONSTRAINT confirmation_is_of_the_patients_consent
    FOREIGN KEY (grant_id, patient_id) REFERENCES records_consentgrant (entry_id, patient_id);
ALTER TABLE records_consentwithdrawal ADD CONSTRAINT withdrawal_is_of_the_patients_consent
    FOREIGN KEY (grant_id, patient_id) REFERENCES records_consentgrant (entry_id, patient_id);
"""
_NO_KEYS = """
ALTER TABLE records_consentwithdrawal DROP CONSTRAINT withdrawal_is_of_the_patients_consent;
ALTER TABLE records_consentconfirmation DROP CONSTRAINT confirmation_is_of_the_patients_consent;
ALTER TABLE records_consentgrant DROP CONSTRAINT consent_is_to_what_the_version_said;
"""

# Its entry was inserted before it, in the same transaction, and that locked the patient's key: withdrawals come before it
# or after it, and are seen here if before.
_STANDS = """
CREATE OR REPLACE FUNCTION confirm_only_what_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed smallint;
    used bigint;
BEGIN
    IF EXISTS (SELECT FROM records_consentwithdrawal WHERE grant_id = NEW.grant_id) THEN
        RAISE EXCEPTION 'a consent that was withdrawn is confirmed no more'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'withdrawn_consent_is_not_confirmed';
    END IF;
    SELECT visits_allowed INTO allowed FROM records_consentgrant WHERE entry_id = NEW.grant_id;
    SELECT count(*) INTO used FROM records_consentconfirmation AS done WHERE done.grant_id = NEW.grant_id
        AND NOT EXISTS (SELECT FROM records_entry WHERE corrects_id = done.entry_id AND kind = 'strike');
    IF allowed IS NOT NULL AND used >= allowed THEN
        RAISE EXCEPTION 'a consent is confirmed as often as it allows'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'consent_is_confirmed_as_often_as_it_allows';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER records_consentconfirmation_stands BEFORE INSERT ON records_consentconfirmation
    FOR EACH ROW EXECUTE FUNCTION confirm_only_what_stands();
"""
_NO_STANDS = """
DROP TRIGGER records_consentconfirmation_stands ON records_consentconfirmation;
DROP FUNCTION confirm_only_what_stands();
"""
_SAME_PATIENT = {
    "records_consentgrant": "consent_is_of_its_entrys_patient",
    "records_consentconfirmation": "confirmation_is_of_its_entrys_patient",
    "records_consentwithdrawal": "withdrawal_is_of_its_entrys_patient",
    "records_consentcopy": "copy_is_of_its_entrys_patient",
}


def judged() -> list[migrations.RunSQL]:
    """Put keys and trigger on the tables of migration `0010_consent`."""
    return [
        *(same_patient(table, name=name) for table, name in _SAME_PATIENT.items()),
        migrations.RunSQL(_KEYS, _NO_KEYS),
        migrations.RunSQL(_STANDS, _NO_STANDS),
    ]
