from django.db import migrations

# Rows come in the order of time, so a few kilobytes say where a day's rows are among millions.
_MAKE = "CREATE INDEX appointment_trail_times ON bookings_appointmentevent USING brin (pgh_created_at)"
_DROP = "DROP INDEX appointment_trail_times"


class Migration(migrations.Migration):
    dependencies = [("bookings", "0018_diary_changes")]

    operations = [migrations.RunSQL(_MAKE, _DROP)]
