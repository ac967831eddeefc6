"""Whoever signed in to a record goes on doing so, since the first day that both were there; a merge that moved a login gives it back when it is undone."""

from django.db import migrations

GIVE = """
INSERT INTO patients_patientaccess (patient_id, user_id, kind, may, source, evidence, starts_at)
SELECT patient.id, patient.user_id, 'self', ARRAY['visits', 'messages', 'forms', 'payments'], 'staff', '',
    greatest(patient.created_at, account.date_joined)
FROM patients_patient AS patient JOIN accounts_user AS account ON account.id = patient.user_id;
UPDATE patients_patientmerge AS merge
SET moved = moved - 'user' || jsonb_build_object('accesses', coalesce(
    (
        SELECT jsonb_agg(access.id) FROM patients_patientaccess AS access
        WHERE access.patient_id = merge.kept_id AND moved -> 'user' @> to_jsonb(access.user_id)
    ),
    '[]'
));
"""
TAKE = """
UPDATE patients_patient AS patient SET user_id = access.user_id
FROM patients_patientaccess AS access
WHERE access.patient_id = patient.id AND access.kind = 'self' AND access.revoked_at IS NULL;
UPDATE patients_patientmerge AS merge
SET moved = moved - 'accesses' || jsonb_build_object('user', coalesce(
    (
        SELECT jsonb_agg(access.user_id) FROM patients_patientaccess AS access
        WHERE access.patient_id = merge.kept_id AND moved -> 'accesses' @> to_jsonb(access.id)
    ),
    '[]'
));
DELETE FROM patients_patientaccess;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0008_patient_access'),
    ]

    operations = [
        migrations.RunSQL(GIVE, TAKE),
    ]
