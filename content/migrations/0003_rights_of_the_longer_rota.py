from django.db import migrations

from content.permissions import grant_role_permissions


def grant(apps, schema_editor):
    grant_role_permissions(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0002_roles"),
        ("bookings", "0003_engine_rules"),
        ("catalogue", "0002_courses_devices_and_who_may_book"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
