from django.db import migrations

from clinic.core.database import append_only
from clinic.records.versions import frozen


class Migration(migrations.Migration):
    """The functions that triggers of this app call."""

    initial = True

    dependencies = [("bookings", "0036_visitor_tallies"), ("patients", "0015_seal_sensitive_details")]

    operations = [frozen.make_function(), append_only.make_function()]
