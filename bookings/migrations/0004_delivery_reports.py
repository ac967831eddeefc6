from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bookings", "0003_engine_rules")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="provider_id",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="What the provider calls it.", max_length=200
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="delivered_at",
            field=models.DateTimeField(blank=True, help_text="When the provider says it arrived.", null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="report",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="What the provider last said became of it.",
                max_length=200,
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("provider_id", ""), _negated=True), fields=["provider_id"],
                name="message_provider_id",
            ),
        ),
    ]
