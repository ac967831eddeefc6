import django.core.validators
from django.db import migrations, models

ACTIONS = ("add", "change", "delete", "view")
DEFAULTS = (
    {"kind": "reminder", "channel": "email", "hours": 48, "asks_to_confirm": True},
    {"kind": "reminder", "channel": "sms", "hours": 24},
    {"kind": "follow_up", "channel": "email", "hours": 24},
    {"kind": "review", "channel": "email", "hours": 14 * 24, "is_active": False},
    {"kind": "recall", "channel": "email", "hours": 24 * 7 * 24, "is_active": False},
)


def add_default_rules(apps, schema_editor):
    apps.get_model("bookings", "MessageRule").objects.bulk_create(
        apps.get_model("bookings", "MessageRule")(**values) for values in DEFAULTS
    )


def let_the_owner_edit(apps, schema_editor):
    """Of a clinic that has its roles already; a new one gets them with the others' rights."""
    for group in apps.get_model("auth", "Group").objects.filter(name="owner"):
        kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label="bookings", model="messagerule"
        )
        for action in ACTIONS:
            permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
                content_type=kind, codename=f"{action}_messagerule", defaults={"name": f"Can {action} message rule"}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("bookings", "0004_delivery_reports"),
        ("catalogue", "0002_courses_devices_and_who_may_book"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("patients", "0002_marketing_opt_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="MessageRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reminder", "Reminder, before the visit"),
                            ("follow_up", "Follow-up, after the visit"),
                            ("review", "How was it, after the visit"),
                            ("recall", "Come again, after the visit (marketing)"),
                        ],
                        help_text="“Come again” is marketing: only patients who asked for it get it.",
                        max_length=20,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "Email"), ("sms", "Text message")], default="email", max_length=10
                    ),
                ),
                (
                    "hours",
                    models.PositiveSmallIntegerField(
                        help_text="Before the visit starts, or after it has ended. 24 is a day, 168 a week, 4032 twenty-four weeks.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(8760),
                        ],
                    ),
                ),
                (
                    "asks_to_confirm",
                    models.BooleanField(
                        default=False,
                        help_text="A reminder with a “Yes, I’m coming” link.",
                        verbose_name="asks the patient to confirm",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "treatments",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Only for visits for these. None ticked: for every visit.",
                        related_name="+",
                        to="catalogue.treatment",
                    ),
                ),
            ],
            options={"ordering": ["kind", "-hours", "channel"]},
        ),
        migrations.AddConstraint(
            model_name="messagerule",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__gte", 1), ("hours__lte", 8760)),
                name="message_rule_within_a_year",
                violation_error_message="Choose between 1 hour and 365 days (8760 hours).",
            ),
        ),
        migrations.AddConstraint(
            model_name="messagerule",
            constraint=models.CheckConstraint(
                condition=models.Q(("asks_to_confirm", False), ("kind", "reminder"), _connector="OR"),
                name="message_rule_only_reminders_ask",
                violation_error_message="Only a reminder can ask the patient to confirm.",
            ),
        ),
        migrations.AddConstraint(
            model_name="messagerule",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("kind", "recall"), _negated=True), ("channel", "email"), _connector="OR"),
                name="message_rule_marketing_by_email",
                violation_error_message="“Come again” goes out by email only, where every message has a way to stop them.",
            ),
        ),
        migrations.AddConstraint(
            model_name="messagerule",
            constraint=models.UniqueConstraint(
                fields=("kind", "channel", "hours"),
                name="message_rule_once",
                violation_error_message="There is a rule like this already.",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="asks_to_confirm",
            field=models.BooleanField(
                db_default=False, default=False, help_text="A reminder that asks whether the patient is coming."
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("confirmation", "Confirmation"),
                    ("moved", "New time"),
                    ("cancelled", "Cancellation"),
                    ("reminder", "Reminder"),
                    ("follow_up", "Follow-up"),
                    ("review", "How was it"),
                    ("recall", "Come again"),
                    ("offer", "Waiting-list offer"),
                    ("staff_notice", "Staff notice"),
                    ("links", "Visit links"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(add_default_rules, migrations.RunPython.noop),
        migrations.RunPython(let_the_owner_edit, migrations.RunPython.noop),
    ]
