import django.db.models.deletion
import uuid
from django.db import migrations, models

from clinic.core.database import append_only
from clinic.records.assessing import assessment_sql


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0036_visitor_tallies'),
        ('catalogue', '0004_one_category_of_each_name'),
        ('patients', '0015_seal_sensitive_details'),
        ('practitioners', '0001_initial'),
        ('records', '0006_links'),
    ]

    operations = [
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='assessment', serialize=False, to='records.entry')),
                ('mode', models.CharField(choices=[('in_person', 'In person'), ('remote', 'By video or telephone')], max_length=9)),
                ('assessed_at', models.DateTimeField()),
                ('information_given_at', models.DateTimeField(blank=True, null=True)),
                ('assessor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='practitioners.practitioner')),
                ('location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.location')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='patients.patient')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('entry', 'patient', 'assessor', 'mode', 'assessed_at'), name='assessment_of_whom_by_whom_and_how')],
            },
        ),
        migrations.CreateModel(
            name='AssessmentOutcome',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('outcome', models.CharField(choices=[('suitable', 'Suitable'), ('not_suitable', 'Not suitable'), ('defer', 'Not yet'), ('refer', 'Refer to somebody else')], max_length=12)),
                ('valid_until', models.DateField(blank=True, null=True)),
                ('defer_until', models.DateField(blank=True, null=True)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='records.entry')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessment_outcomes', to='patients.patient')),
                ('treatment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessment_outcomes', to='catalogue.treatment')),
            ],
            options={
                'indexes': [models.Index(fields=['patient', 'treatment'], name='outcome_for_patient')],
                'constraints': [models.UniqueConstraint(fields=('entry', 'treatment'), name='assessment_settles_a_treatment_once', violation_error_message='This treatment stands here twice.'), models.UniqueConstraint(fields=('entry', 'treatment', 'outcome'), name='outcome_of_an_assessment_for_a_treatment'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'suitable'), ('valid_until__isnull', False)), models.Q(models.Q(('outcome', 'suitable'), _negated=True), ('valid_until', None)), _connector='OR'), name='suitable_says_until_when', violation_error_message='What is suitable is so until a day.'), models.CheckConstraint(condition=models.Q(models.Q(('defer_until__isnull', False), ('outcome', 'defer')), models.Q(models.Q(('outcome', 'defer'), _negated=True), ('defer_until', None)), _connector='OR'), name='deferred_says_until_when', violation_error_message='What is put off is put off until a day.')],
            },
        ),
        *append_only.protect("records_assessment", "records_assessmentoutcome"),
        *assessment_sql.hold(),
    ]
