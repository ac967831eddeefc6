"""One identity rule: a person is their folded name, their birthday, and their address or else their number.

Records that the former rule took for two people and this one takes for one are kept: the second and later ones are
numbered in `kept_apart`, so nothing is merged by a program and the migration never fails. They are merged by hand.
"""

import django.contrib.postgres.indexes
import django.db.models.functions.comparison
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
import phonenumber_field.modelfields
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

# casefold() and its rules for all of Unicode are of PostgreSQL 18. NFKD first: it takes accents off their letters and
# makes full-width letters and ligatures plain. What no letter can be written without stays (vowel signs of India).
FOLD = r"""
CREATE FUNCTION person_fold(written text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(
    replace(replace(replace(
        translate(casefold(normalize(written, NFKD) COLLATE pg_unicode_fast), 'øłđðıħŧ', 'olddiht'),
    'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
    '[[:space:][:punct:][:cntrl:]´`\u0300-\u036f\u02b9-\u02bf\u00ad\u200b-\u200f\u2060-\u2069\ufeff]', '', 'g'
)
"""
NUMBER_THE_OTHERS = """
UPDATE patients_patient AS patient SET kept_apart = alike.place - 1
FROM (
    SELECT id, row_number() OVER (
        PARTITION BY contact_key, date_of_birth, name_key ORDER BY user_id IS NULL, id
    ) AS place
    FROM patients_patient WHERE contact_key IS NOT NULL
) AS alike
WHERE alike.id = patient.id AND alike.place > 1
"""


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0003_letter_format'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(FOLD, "DROP FUNCTION person_fold(text)"),
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
            name='contact_key',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('email', ''), _negated=True), then=django.db.models.functions.text.Lower('email')), models.When(models.Q(('phone', ''), _negated=True), then=django.db.models.functions.comparison.Cast('phone', models.TextField())), output_field=models.TextField(null=True)), output_field=models.TextField(null=True)),
        ),
        migrations.AddField(
            model_name='patient',
            name='kept_apart',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False, help_text='Not 0: a record of the same person from before the names were folded, to be merged by hand.'),
        ),
        migrations.AddField(
            model_name='patient',
            name='name_key',
            field=models.GeneratedField(db_persist=True, expression=models.Func(models.F('full_name'), function='person_fold', output_field=models.TextField()), output_field=models.TextField()),
        ),
        migrations.AddField(
            model_name='patientevent',
            name='kept_apart',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False, help_text='Not 0: a record of the same person from before the names were folded, to be merged by hand.'),
        ),
        migrations.AlterField(
            model_name='patient',
            name='email',
            field=models.EmailField(blank=True, default='', help_text='Empty: nothing is sent by email.', max_length=254),
        ),
        migrations.AlterField(
            model_name='patient',
            name='phone',
            field=phonenumber_field.modelfields.PhoneNumberField(blank=True, default='', max_length=128, region=None),
        ),
        migrations.AlterField(
            model_name='patientevent',
            name='email',
            field=models.EmailField(blank=True, default='', help_text='Empty: nothing is sent by email.', max_length=254),
        ),
        migrations.AlterField(
            model_name='patientevent',
            name='phone',
            field=phonenumber_field.modelfields.PhoneNumberField(blank=True, default='', max_length=128, region=None),
        ),
        migrations.RunSQL(NUMBER_THE_OTHERS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(django.db.models.functions.text.Lower('email'), name='patient_email'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('name_key', name='gin_trgm_ops'), name='patient_name_parts'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patient',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_patientevent" ("contact_by", "created_at", "date_of_birth", "email", "full_name", "id", "kept_apart", "letter_format", "marketing_opted_in_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "user_id") VALUES (NEW."contact_by", NEW."created_at", NEW."date_of_birth", NEW."email", NEW."full_name", NEW."id", NEW."kept_apart", NEW."letter_format", NEW."marketing_opted_in_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."user_id"); RETURN NULL;', hash='45e2c82950d9b77b6aab18cb0a02f6b2373c4876', operation='INSERT', pgid='pgtrigger_insert_insert_62165', table='patients_patient', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patient',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."contact_by" IS DISTINCT FROM (NEW."contact_by") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."date_of_birth" IS DISTINCT FROM (NEW."date_of_birth") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."full_name" IS DISTINCT FROM (NEW."full_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kept_apart" IS DISTINCT FROM (NEW."kept_apart") OR OLD."letter_format" IS DISTINCT FROM (NEW."letter_format") OR OLD."marketing_opted_in_at" IS DISTINCT FROM (NEW."marketing_opted_in_at") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))', func='INSERT INTO "patients_patientevent" ("contact_by", "created_at", "date_of_birth", "email", "full_name", "id", "kept_apart", "letter_format", "marketing_opted_in_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "user_id") VALUES (NEW."contact_by", NEW."created_at", NEW."date_of_birth", NEW."email", NEW."full_name", NEW."id", NEW."kept_apart", NEW."letter_format", NEW."marketing_opted_in_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."user_id"); RETURN NULL;', hash='4cdc05d11bd84417a804a928d03129cb35078bdd', operation='UPDATE', pgid='pgtrigger_update_update_546ce', table='patients_patient', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.UniqueConstraint(fields=('contact_key', 'date_of_birth', 'name_key', 'kept_apart'), name='one_record_for_each_patient', violation_error_message='There is already a record for this patient.'),
        ),
    ]
