import django.db.models.deletion
import wagtail.models.preview
from django.db import migrations, models

ACTIONS = ("add", "change", "delete", "view")


def let_the_owner_edit(apps, schema_editor):
    """Of a clinic that has its roles already; a new one gets them with the others' rights."""
    for group in apps.get_model("auth", "Group").objects.filter(name="owner"):
        kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label="bookings", model="wording"
        )
        for action in ACTIONS:
            permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
                content_type=kind, codename=f"{action}_wording", defaults={"name": f"Can {action} wording"}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0006_settled'),
        ('patients', '0003_letter_format'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('confirmation', 'Confirmation'), ('moved', 'New time'), ('cancelled', 'Cancellation'), ('reminder', 'Reminder'), ('follow_up', 'Follow-up'), ('review', 'How was it')], max_length=20, verbose_name='message')),
                ('channel', models.CharField(choices=[('email', 'Email'), ('sms', 'Text message')], default='email', max_length=10)),
                ('asks_to_confirm', models.BooleanField(default=False, help_text='For reminders by a rule that asks. They have words of their own, with {{confirm_link}}.', verbose_name='asks the patient to confirm')),
                ('variant', models.CharField(choices=[('A', 'A'), ('B', 'B')], default='A', help_text='A, unless two wordings of one reminder run against each other.', max_length=1)),
                ('name', models.CharField(help_text='For you, to tell wordings apart: “Names the cost”.', max_length=60)),
                ('subject', models.CharField(blank=True, help_text='Of an email.', max_length=120)),
                ('body', models.TextField(help_text='An empty line begins a new paragraph.', max_length=2000, verbose_name='words')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('text_since', models.DateTimeField(editable=False, help_text='Since when these words are in use.')),
            ],
            options={
                'ordering': ['kind', 'channel', 'asks_to_confirm', 'variant'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'channel', 'asks_to_confirm', 'variant'), name='wording_once', violation_error_message='There are words for this message already: change those.'), models.CheckConstraint(condition=models.Q(('asks_to_confirm', False), ('kind', 'reminder'), _connector='OR'), name='wording_only_reminders_ask', violation_error_message='Only a reminder can ask the patient to confirm.'), models.CheckConstraint(condition=models.Q(('variant', 'A'), ('kind', 'reminder'), _connector='OR'), name='wording_only_reminders_have_two', violation_error_message='Only reminders can have two wordings.'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'confirmation'), _negated=True), ('channel', 'email'), _connector='OR'), name='wording_confirmation_by_email', violation_error_message='A confirmation goes out by email only.'), models.CheckConstraint(condition=models.Q(models.Q(('channel', 'sms'), ('subject', '')), models.Q(('channel', 'email'), models.Q(('subject', ''), _negated=True)), _connector='OR'), name='wording_email_has_a_subject', violation_error_message='An email needs a subject, and a text message has none.')],
            },
            bases=(wagtail.models.preview.PreviewableMixin, models.Model),
        ),
        migrations.AddField(
            model_name='message',
            name='wording',
            field=models.ForeignKey(blank=True, db_index=False, help_text="The owner's own words it went out with, if it did.", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='messages', to='bookings.wording'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('wording__isnull', False)), fields=['wording'], name='message_wording'),
        ),
        migrations.RunPython(let_the_owner_edit, migrations.RunPython.noop),
    ]
