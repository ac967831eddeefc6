"""Notes that staff write of a patient: only ever added to, whatever writes to the table."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0020_calendar_feeds'),
        ('patients', '0005_record_at_the_desk'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PatientNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('diary', 'Diary')], default='diary', max_length=12)),
                ('text', models.TextField(max_length=2000)),
                ('written_at', models.DateTimeField()),
                ('token', models.UUIDField(default=uuid.uuid4, help_text='Of the form it was written in: sent once.', unique=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('corrects', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='bookings.patientnote')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='patients.patient')),
                ('visit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='bookings.appointment')),
            ],
            options={
                'ordering': ['-written_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('text__length__gte', 1), ('text__length__lte', 2000)), name='note_has_1_to_2000_letters', violation_error_message='A note has between 1 and 2,000 letters.'), models.CheckConstraint(condition=models.Q(('corrects', None), models.Q(('corrects', models.F('id')), _negated=True), _connector='OR'), name='note_does_not_correct_itself', violation_error_message='A note cannot correct itself.')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patientnote',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='329294ad62e1bf0347b9a5976035c431f0b2f197', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a9648', table='bookings_patientnote', when='BEFORE')),
        ),
    ]
