from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("bookings", "0027_wording_kinds_by_reference"),
    ]

    operations = [
        migrations.AddField(
            model_name="bookingsettings",
            name="practitioners_share_visits",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Otherwise they see the time, the patient’s name and the treatment of others’ visits, and the records of their own patients only. The desk and the owner see everything.",
                verbose_name="practitioners may see and change each other’s visits",
            ),
        ),
    ]
