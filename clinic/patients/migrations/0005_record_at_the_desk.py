"""What a patient's page at the desk needs: a reference, access needs, how to ring, merged records, indexes to search by."""

import clinic.patients.references
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# As clinic.patients.references makes one, for rows that come without. It names a record; it opens none.
REFERENCE = """
CREATE FUNCTION new_patient_reference() RETURNS text
LANGUAGE sql VOLATILE
RETURN (
    SELECT string_agg(substr('23456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + floor(random() * 30)::int, 1), '')
    FROM generate_series(1, 8)
)
"""
# Of 100,000 references two are the same once in 130 clinics.
NO_TWO_ALIKE = """
DO $$
BEGIN
    LOOP
        UPDATE patients_patient AS patient SET reference = new_patient_reference()
        FROM patients_patient AS other
        WHERE other.reference = patient.reference AND other.id < patient.id;
        EXIT WHEN NOT FOUND;
    END LOOP;
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0004_one_identity'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(REFERENCE, "DROP FUNCTION new_patient_reference()"),
        migrations.CreateModel(
            name='PatientMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('moved', models.JSONField(default=dict)),
                ('filled', models.JSONField(default=dict)),
                ('merged_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-merged_at', '-pk'],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='patient',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='patient',
            name='update_update',
        ),
        migrations.RemoveConstraint(
            model_name='patient',
            name='one_record_for_each_patient',
        ),
        migrations.AddField(
            model_name='patient',
            name='access_needs',
            field=models.CharField(blank=True, db_default='', default='', help_text='Such as step-free access or an interpreter.', max_length=300),
        ),
        migrations.AddField(
            model_name='patient',
            name='contact_note',
            field=models.CharField(blank=True, db_default='', default='', help_text='Such as “Do not ring at work”.', max_length=200),
        ),
        migrations.AddField(
            model_name='patient',
            name='merged_into',
            field=models.ForeignKey(blank=True, editable=False, help_text='The record of the same person that remained; never one that was itself merged.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_records', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='patient',
            name='reference',
            field=models.CharField(db_default=models.Func(function='new_patient_reference', output_field=models.CharField()), editable=False, help_text='What the record is called in addresses.', max_length=12),
        ),
        migrations.RunSQL(NO_TWO_ALIKE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='patient',
            name='reference',
            field=models.CharField(db_default=models.Func(function='new_patient_reference', output_field=models.CharField()), default=clinic.patients.references.new_reference, editable=False, help_text='What the record is called in addresses.', max_length=12, unique=True),
        ),
        migrations.AddField(
            model_name='patientevent',
            name='access_needs',
            field=models.CharField(blank=True, db_default='', default='', help_text='Such as step-free access or an interpreter.', max_length=300),
        ),
        migrations.AddField(
            model_name='patientevent',
            name='contact_note',
            field=models.CharField(blank=True, db_default='', default='', help_text='Such as “Do not ring at work”.', max_length=200),
        ),
        migrations.AddField(
            model_name='patientevent',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, help_text='The record of the same person that remained; never one that was itself merged.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('email'), name='gin_trgm_ops'), name='patient_email_parts'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('phone', name='gin_trgm_ops'), name='patient_phone_parts'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(fields=['date_of_birth'], name='patient_birthday'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(condition=models.Q(('merged_into', None)), fields=['name_key', 'id'], name='patient_by_name'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patient',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_patientevent" ("access_needs", "contact_by", "contact_note", "created_at", "date_of_birth", "email", "full_name", "id", "kept_apart", "letter_format", "marketing_opted_in_at", "merged_into_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "user_id") VALUES (NEW."access_needs", NEW."contact_by", NEW."contact_note", NEW."created_at", NEW."date_of_birth", NEW."email", NEW."full_name", NEW."id", NEW."kept_apart", NEW."letter_format", NEW."marketing_opted_in_at", NEW."merged_into_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."user_id"); RETURN NULL;', hash='1fde7d185f2b28958250a09ffdab4ccd4e7906b1', operation='INSERT', pgid='pgtrigger_insert_insert_62165', table='patients_patient', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patient',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."access_needs" IS DISTINCT FROM (NEW."access_needs") OR OLD."contact_by" IS DISTINCT FROM (NEW."contact_by") OR OLD."contact_note" IS DISTINCT FROM (NEW."contact_note") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."date_of_birth" IS DISTINCT FROM (NEW."date_of_birth") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."full_name" IS DISTINCT FROM (NEW."full_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kept_apart" IS DISTINCT FROM (NEW."kept_apart") OR OLD."letter_format" IS DISTINCT FROM (NEW."letter_format") OR OLD."marketing_opted_in_at" IS DISTINCT FROM (NEW."marketing_opted_in_at") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))', func='INSERT INTO "patients_patientevent" ("access_needs", "contact_by", "contact_note", "created_at", "date_of_birth", "email", "full_name", "id", "kept_apart", "letter_format", "marketing_opted_in_at", "merged_into_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "user_id") VALUES (NEW."access_needs", NEW."contact_by", NEW."contact_note", NEW."created_at", NEW."date_of_birth", NEW."email", NEW."full_name", NEW."id", NEW."kept_apart", NEW."letter_format", NEW."marketing_opted_in_at", NEW."merged_into_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."user_id"); RETURN NULL;', hash='3777d2838fe12fda86ff69b5b82f1aee5f2560d5', operation='UPDATE', pgid='pgtrigger_update_update_546ce', table='patients_patient', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.UniqueConstraint(condition=models.Q(('merged_into', None)), fields=('contact_key', 'date_of_birth', 'name_key', 'kept_apart'), name='one_record_for_each_patient', violation_error_message='There is already a record for this patient.'),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='patient_is_not_merged_into_themselves', violation_error_message='A record cannot be merged into itself.'),
        ),
        migrations.AddField(
            model_name='patientmerge',
            name='gone',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='was_merged', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='patientmerge',
            name='kept',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='patientmerge',
            name='merged_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='patientmerge',
            name='undone_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='patientmerge',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('gone',), name='a_record_is_merged_once', violation_error_message='This record has been merged already.'),
        ),
        migrations.AddConstraint(
            model_name='patientmerge',
            constraint=models.CheckConstraint(condition=models.Q(('kept', models.F('gone')), _negated=True), name='merge_is_of_two_records', violation_error_message='A record cannot be merged into itself.'),
        ),
        migrations.AddConstraint(
            model_name='patientmerge',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at', None), ('undone_by', None)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='merge_undone_says_by_whom', violation_error_message='An undone merge says when and by whom.'),
        ),
    ]
