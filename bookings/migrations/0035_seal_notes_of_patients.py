"""Seal what patients wrote with a visit, in its trail too, or on the waiting list: a batch at a time. May be run again."""

import clinic.core.sealing.fields
from clinic.core.sealing.columns import SealedColumn
from django.db import migrations, models

_COLUMNS = (
    SealedColumn("visits", "bookings_appointment", "note", "reference", "visit note"),
    SealedColumn("visits' trail", "bookings_appointmentevent", "note", "reference", "visit note", "pgh_id"),
    SealedColumn("waiting list", "bookings_waitingentry", "note", "reference", "waiting note"),
)


# As in 0022, but for the first condition: other letters for the same words are no change of the diary.
_FUNCTIONS = """
CREATE OR REPLACE FUNCTION diary_note_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {which}TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN
        RETURN NULL;
    END IF;
    INSERT INTO bookings_daychange (day)
    SELECT DISTINCT day::date
    FROM (VALUES (CASE WHEN TG_OP <> 'INSERT' THEN OLD.during END), (CASE WHEN TG_OP <> 'DELETE' THEN NEW.during END))
        AS spans (during)
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', lower(during) AT TIME ZONE 'Europe/London'),
        (upper(during) - interval '1 microsecond') AT TIME ZONE 'Europe/London',
        interval '1 day'
    ) AS day;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION diary_note_every_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {which}TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN
        RETURN NULL;
    END IF;
    INSERT INTO bookings_daychange (day) VALUES ('0001-01-01');
    RETURN NULL;
END $$;
"""
_UNLESS_SEALED_ANEW = _FUNCTIONS.replace("{which}", "current_setting('clinic.sealing_anew', true) = 'on' OR ")
_ALWAYS = _FUNCTIONS.replace("{which}", "")


def seal(apps, schema_editor):
    for column in _COLUMNS:
        column.seal_first()


def unseal(apps, schema_editor):
    for column in _COLUMNS:
        column.unseal_all()


def _note(about):
    return clinic.core.sealing.fields.SealedField(
        about=about, blank=True, bound_to='reference', max_length=1000, verbose_name='note from the patient'
    )


def _index(model, name):
    """Written so that the migration may be run again."""
    index = models.Index(
        models.Func('note', function='sealing_key'), condition=models.Q(('note', ''), _negated=True), name=name
    )
    return migrations.RunSQL(
        f"CREATE INDEX IF NOT EXISTS {name} ON bookings_{model} (sealing_key(note)) WHERE NOT (note = '')",
        f"DROP INDEX IF EXISTS {name}",
        state_operations=[migrations.AddIndex(model_name=model, index=index)],
    )


class Migration(migrations.Migration):

    atomic = False  # each batch by itself, so that nobody waits for all of them

    dependencies = [('bookings', '0034_seal_notes')]
    run_before = [('patients', '0015_seal_sensitive_details')]

    operations = [
        migrations.AlterField(model_name='appointment', name='note', field=_note('visit note')),
        migrations.AlterField(model_name='appointmentevent', name='note', field=_note('visit note')),
        migrations.AlterField(model_name='waitingentry', name='note', field=_note('waiting note')),
        migrations.RunSQL(_UNLESS_SEALED_ANEW, _ALWAYS),
        migrations.RunPython(seal, unseal),
        _index('appointment', 'appointment_note_keys'),
        _index('appointmentevent', 'visit_event_note_keys'),
        _index('waitingentry', 'waiting_note_keys'),
    ]
