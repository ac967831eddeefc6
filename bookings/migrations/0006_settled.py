import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

SETTLED_AT = {
    "blank": True,
    "null": True,
    "help_text": "When someone of the clinic dealt with what failed or may not have arrived.",
}


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0005_rules"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(model_name="message", name="settled_at", field=models.DateTimeField(**SETTLED_AT)),
        migrations.AddField(
            model_name="message",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("settled_at", None), ("state__in", ["failed", "unknown"])),
                fields=["-due_at"],
                name="message_to_check",
            ),
        ),
        migrations.CreateModel(
            name="MessageSettlement",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("settled_at", models.DateTimeField(**SETTLED_AT)),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="settlements",
                        to="bookings.message",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="settled_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."settled_at" IS DISTINCT FROM (NEW."settled_at"))',
                    func='INSERT INTO "bookings_messagesettlement" ("pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_at", "settled_by_id") VALUES (_pgh_attach_context(), NOW(), \'settled\', NEW."id", NEW."settled_at", NEW."settled_by_id"); RETURN NULL;',
                    hash="a594bf666a3af4ba3ccc83caff126e8cbd887570",
                    operation="UPDATE",
                    pgid="pgtrigger_settled_update_3de79",
                    table="bookings_message",
                    when="AFTER",
                ),
            ),
        ),
    ]
