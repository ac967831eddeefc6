import django.db.models.functions.text
from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Lower

LONGEST = 80


def number_those_of_one_name(apps, schema_editor):
    """The first keeps its name; the others have a number behind it that no other has."""
    categories = apps.get_model("catalogue", "Category").objects.annotate(lowered=Lower("name"))
    for row in categories.order_by("pk"):
        if categories.filter(pk__lt=row.pk, lowered=row.lowered).exists():
            row.name = _first_free(categories, row.name)
            row.save(update_fields=["name"])
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE", params=None)
    schema_editor.execute("SET CONSTRAINTS ALL DEFERRED", params=None)


def _first_free(categories, name):
    number = 2
    while True:
        ending = f" ({number})"
        found = name[:LONGEST - len(ending)] + ending
        if not categories.filter(lowered=Lower(Value(found))).exists():
            return found
        number += 1


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0003_consultations_that_count'),
    ]

    operations = [
        migrations.RunPython(number_those_of_one_name, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='one_category_of_each_name', violation_error_message='There is already a category of this name.'),
        ),
    ]
