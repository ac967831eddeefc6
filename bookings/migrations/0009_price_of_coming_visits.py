"""Keep with each coming visit the price that its page has shown until now; what past visits were to cost is not known."""

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.utils import timezone


def keep_the_price_shown(apps, schema_editor):
    treatments = apps.get_model("catalogue", "Treatment").objects.filter(pk=OuterRef("treatment"), price__isnull=False)
    visits = apps.get_model("bookings", "Appointment").objects.filter(
        status__in=("held", "booked", "confirmed"), during__startswith__gt=timezone.now(), treatment__price__isnull=False
    )
    visits.update(
        price=Subquery(treatments.values("price")), price_is_from=Subquery(treatments.values("is_price_from"))
    )


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0008_agreed_price"),
        ("catalogue", "0002_courses_devices_and_who_may_book"),
    ]

    operations = [migrations.RunPython(keep_the_price_shown, migrations.RunPython.noop)]
