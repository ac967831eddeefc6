from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("bookings", "0028_practitioners_share_visits"),
    ]

    operations = [
        migrations.AddField(
            model_name="bookingsettings",
            name="keeps_names_offline",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="A device on which the diary is open keeps the day’s sheet until its user signs out. With names, telephone numbers and notes only if you allow it: whoever holds the device can then read them.",
                verbose_name="devices may keep names for when they are offline",
            ),
        ),
    ]
