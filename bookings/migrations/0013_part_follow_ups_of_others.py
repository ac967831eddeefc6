"""A visit follows one of its own patient. Whoever opens a visit sees what follows it, so the others are parted."""

from django.db import migrations

_PART = """
UPDATE bookings_appointment AS later SET follows_id = NULL
FROM bookings_appointment AS earlier
WHERE earlier.id = later.follows_id AND later.patient_id IS DISTINCT FROM earlier.patient_id
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0012_words_for_staff")]
    operations = [migrations.RunSQL(_PART, migrations.RunSQL.noop)]
