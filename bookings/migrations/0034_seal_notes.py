"""Seal what staff wrote about patients: each note bound to its own row, a batch at a time. May be run again."""

from django.db import migrations

from clinic.core.sealing.columns import SealedColumn

NOTES = SealedColumn("notes", "bookings_patientnote", "text", "token", "staff note")


def seal(apps, schema_editor):
    NOTES.seal_anew()


def unseal(apps, schema_editor):
    NOTES.unseal_all()


class Migration(migrations.Migration):

    atomic = False  # each batch by itself, so that nobody waits for all of them

    dependencies = [('bookings', '0033_notes_may_be_sealed')]

    operations = [migrations.RunPython(seal, unseal)]
