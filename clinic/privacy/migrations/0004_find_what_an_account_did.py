"""Find in the trail what one account did, without reading all of it: an erasure takes the account out of it."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [('privacy', '0003_clock_is_set_once'), ('pghistory', '0007_auto_20250421_0444')]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX pghistory_context_user ON pghistory_context ((metadata ->> 'user'))",
            "DROP INDEX pghistory_context_user",
        )
    ]
