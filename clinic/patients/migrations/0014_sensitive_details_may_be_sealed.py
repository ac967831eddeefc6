"""Make room for sealed details of patients, and bind those in the trail by what binds the row: its reference."""

import clinic.core.sealing.fields
import clinic.patients.references
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# As in bookings 0033. The name of the key that sealed a value; empty for one in the clear.
_KEY = r"""
CREATE OR REPLACE FUNCTION sealing_key(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(substring(value FROM '^s1\.([a-z0-9_-]+)\.[A-Za-z0-9_=-]+$'), '')
$$"""
# Events of records that are gone keep a reference of their own.
_REFERENCES = """
UPDATE patients_patientevent AS event SET reference = patient.reference
FROM patients_patient AS patient WHERE patient.id = event.pgh_obj_id"""


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0013_people_who_help'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.RunSQL(_KEY, migrations.RunSQL.noop),
        pgtrigger.migrations.RemoveTrigger(
            model_name='patient',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='patient',
            name='update_update',
        ),
        migrations.AddField(
            model_name='patientevent',
            name='reference',
            field=models.CharField(db_default=models.Func(function='new_patient_reference', output_field=models.CharField()), default=clinic.patients.references.new_reference, editable=False, help_text='What the record is called in addresses.', max_length=12),
        ),
        migrations.RunSQL(_REFERENCES, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='patient',
            name='access_needs',
            field=clinic.core.sealing.fields.SealedField(about='access needs', blank=True, bound_to='reference', db_default='', default='', help_text='Such as step-free access or an interpreter.', max_length=300),
        ),
        migrations.AlterField(
            model_name='patient',
            name='contact_note',
            field=clinic.core.sealing.fields.SealedField(about='contact note', blank=True, bound_to='reference', db_default='', default='', help_text='Such as “Do not ring at work”.', max_length=200),
        ),
        migrations.AlterField(
            model_name='patientevent',
            name='access_needs',
            field=clinic.core.sealing.fields.SealedField(about='access needs', blank=True, bound_to='reference', db_default='', default='', help_text='Such as step-free access or an interpreter.', max_length=300),
        ),
        migrations.AlterField(
            model_name='patientevent',
            name='contact_note',
            field=clinic.core.sealing.fields.SealedField(about='contact note', blank=True, bound_to='reference', db_default='', default='', help_text='Such as “Do not ring at work”.', max_length=200),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('access_needs__length__lte', 2000), ('contact_note__length__lte', 1500)), name='patient_details_are_of_their_length', violation_error_message='Access needs or the note on contact are too long.'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(models.Func('access_needs', function='sealing_key'), condition=models.Q(('access_needs', ''), _negated=True), name='patient_needs_keys'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(models.Func('contact_note', function='sealing_key'), condition=models.Q(('contact_note', ''), _negated=True), name='patient_contact_keys'),
        ),
        migrations.AddIndex(
            model_name='patientevent',
            index=models.Index(models.Func('access_needs', function='sealing_key'), condition=models.Q(('access_needs', ''), _negated=True), name='patient_event_needs_keys'),
        ),
        migrations.AddIndex(
            model_name='patientevent',
            index=models.Index(models.Func('contact_note', function='sealing_key'), condition=models.Q(('contact_note', ''), _negated=True), name='patient_event_contact_keys'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patient',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_patientevent" ("access_needs", "contact_by", "contact_note", "created_at", "date_of_birth", "email", "full_name", "id", "kept_apart", "letter_format", "marketing_opted_in_at", "merged_into_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "reference") VALUES (NEW."access_needs", NEW."contact_by", NEW."contact_note", NEW."created_at", NEW."date_of_birth", NEW."email", NEW."full_name", NEW."id", NEW."kept_apart", NEW."letter_format", NEW."marketing_opted_in_at", NEW."merged_into_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."reference"); RETURN NULL;', hash='a56e5d23a04642eea0e63aae006d18833c663ce3', operation='INSERT', pgid='pgtrigger_insert_insert_62165', table='patients_patient', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patient',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."access_needs" IS DISTINCT FROM (NEW."access_needs") OR OLD."contact_by" IS DISTINCT FROM (NEW."contact_by") OR OLD."contact_note" IS DISTINCT FROM (NEW."contact_note") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."date_of_birth" IS DISTINCT FROM (NEW."date_of_birth") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."full_name" IS DISTINCT FROM (NEW."full_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kept_apart" IS DISTINCT FROM (NEW."kept_apart") OR OLD."letter_format" IS DISTINCT FROM (NEW."letter_format") OR OLD."marketing_opted_in_at" IS DISTINCT FROM (NEW."marketing_opted_in_at") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."reference" IS DISTINCT FROM (NEW."reference"))', func='INSERT INTO "patients_patientevent" ("access_needs", "contact_by", "contact_note", "created_at", "date_of_birth", "email", "full_name", "id", "kept_apart", "letter_format", "marketing_opted_in_at", "merged_into_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "reference") VALUES (NEW."access_needs", NEW."contact_by", NEW."contact_note", NEW."created_at", NEW."date_of_birth", NEW."email", NEW."full_name", NEW."id", NEW."kept_apart", NEW."letter_format", NEW."marketing_opted_in_at", NEW."merged_into_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."reference"); RETURN NULL;', hash='11a48a089f692ec86254c371b34a2c89cdcdbb91', operation='UPDATE', pgid='pgtrigger_update_update_546ce', table='patients_patient', when='AFTER')),
        ),
    ]
