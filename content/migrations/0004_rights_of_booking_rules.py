from django.db import migrations

from content.permissions import grant_role_permissions


def grant(apps, schema_editor):
    grant_role_permissions(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0003_rights_of_the_longer_rota"),
        ("bookings", "0017_booking_rules_of_the_clinic"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
