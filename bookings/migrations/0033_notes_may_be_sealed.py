"""Make room for sealed notes, and let the database say which key sealed a value."""

from django.db import migrations, models

import clinic.core.sealing.fields

# The name of the key that sealed a value; empty for one in the clear.
_KEY = r"""
CREATE OR REPLACE FUNCTION sealing_key(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(substring(value FROM '^s1\.([a-z0-9_-]+)\.[A-Za-z0-9_=-]+$'), '')
$$"""


class Migration(migrations.Migration):

    dependencies = [('bookings', '0032_account_letters')]

    operations = [
        migrations.RunSQL(_KEY, migrations.RunSQL.noop),  # stays: `patients` makes it too, and may be further
        migrations.RemoveConstraint(model_name='patientnote', name='note_has_1_to_2000_letters'),
        migrations.AddConstraint(
            model_name='patientnote',
            constraint=models.CheckConstraint(condition=models.Q(('text__length__gte', 1), ('text__length__lte', 12000)), name='note_has_a_text_of_its_length', violation_error_message='A note has between 1 and 2,000 letters.'),
        ),
        migrations.AddIndex(
            model_name='patientnote',
            index=models.Index(models.Func('text', function='sealing_key'), name='note_keys'),
        ),
        migrations.AlterField(
            model_name='patientnote',
            name='text',
            field=clinic.core.sealing.fields.SealedField(about='staff note', bound_to='token', max_length=2000),
        ),
    ]
