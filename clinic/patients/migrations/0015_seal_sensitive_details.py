"""Seal access needs and notes on contact, in the trail too: a batch at a time. May be run again."""

from clinic.core.sealing.columns import SealedColumn
from django.db import migrations

_ABOUT = {"access_needs": "access needs", "contact_note": "contact note"}
_COLUMNS = [
    SealedColumn(f"{table}, {column}", table, column, "reference", about, pk)
    for table, pk in (("patients_patient", "id"), ("patients_patientevent", "pgh_id"))
    for column, about in _ABOUT.items()
]
# A merge keeps that these were filled in, no longer with what: the record that they came from says it.
_FORGET = """
UPDATE patients_patientmerge SET filled = filled || jsonb_build_object(%s::text, '') WHERE filled ? %s"""
_REMEMBER = """
UPDATE patients_patientmerge AS merge SET filled = filled || jsonb_build_object(%s::text, gone.{column})
FROM patients_patient AS gone WHERE gone.id = merge.gone_id AND filled ? %s"""


def seal(apps, schema_editor):
    for column in _COLUMNS:
        column.seal_first()
    _write_merges(schema_editor, _FORGET)


def unseal(apps, schema_editor):
    for column in _COLUMNS:
        column.unseal_all()
    _write_merges(schema_editor, _REMEMBER)


def _write_merges(schema_editor, statement):
    with schema_editor.connection.cursor() as cursor:
        for column in _ABOUT:
            cursor.execute(statement.format(column=column), [column, column])


class Migration(migrations.Migration):

    atomic = False  # each batch by itself, so that nobody waits for all of them

    dependencies = [('patients', '0014_sensitive_details_may_be_sealed')]

    operations = [migrations.RunPython(seal, unseal)]
