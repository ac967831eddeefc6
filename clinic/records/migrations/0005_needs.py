import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0004_one_category_of_each_name'),
        ('records', '0003_questions'),
    ]

    operations = [
        migrations.CreateModel(
            name='TreatmentRules',
            fields=[
                ('treatment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='record_rules', serialize=False, to='catalogue.treatment')),
                ('record_kind', models.CharField(choices=[('none', 'Nothing is recorded here'), ('consultation', 'A consultation: its assessment'), ('procedure', 'A procedure without injections: what was done'), ('injectable', 'An injectable: what was given')], default='none', max_length=12)),
                ('families', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('toxin', 'Botulinum toxin'), ('ha_filler', 'Hyaluronic acid filler'), ('other_filler', 'Other filler'), ('enzyme', 'Enzyme (hyaluronidase)'), ('peel', 'Peel'), ('booster', 'Skin booster'), ('device', 'Device or needling')], max_length=12), blank=True, default=list, size=None)),
                ('assessment_valid_days', models.PositiveSmallIntegerField(default=180)),
                ('needs_identity_check', models.BooleanField(default=False)),
                ('cosign', models.CharField(choices=[('never', 'Never'), ('always', 'Always'), ('new', 'Of those who are new here')], default='never', max_length=6)),
            ],
            options={
                'verbose_name_plural': 'treatment rules',
                'constraints': [models.CheckConstraint(condition=models.Q(('assessment_valid_days__range', (1, 730))), name='assessment_counts_for_1_to_730_days', violation_error_message='An assessment counts for between 1 and 730 days.'), models.CheckConstraint(condition=models.Q(('families__contained_by', ['toxin', 'ha_filler', 'other_filler', 'enzyme', 'peel', 'booster', 'device'])), name='treatment_rules_name_known_families', violation_error_message='Choose families from the list.')],
            },
        ),
    ]
