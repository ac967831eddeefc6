"""Migrations say what the models say, and every rule of the database can be told to a person."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import UniqueConstraint
from django.db.models.constraints import BaseConstraint

OURS = ("clinic.", "bookings", "content")
CONSTRAINTS = [
    pytest.param(model, constraint, id=constraint.name)
    for app in apps.get_app_configs()
    if app.name.startswith(OURS)
    for model in app.get_models()
    for constraint in model._meta.constraints
]


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_every_migration_was_applied_from_an_empty_database():
    """The template database of the test run began empty (tests/template_database.py)."""
    assert {app for app, _ in MigrationRecorder(connection).applied_migrations()} >= {"accounts", "bookings", "content"}
    call_command("migrate", check_unapplied=True, verbosity=0)


@pytest.mark.parametrize(("model", "constraint"), CONSTRAINTS)
def test_a_constraint_has_a_sentence_for_people(model, constraint):
    says_which_field = isinstance(constraint, UniqueConstraint) and constraint.fields and not constraint.condition
    sentence = str(constraint.violation_error_message)

    if says_which_field:  # Django's own sentence names the field: "Treatment with this slug already exists."
        return
    assert sentence != str(BaseConstraint.default_violation_error_message)
    assert sentence.endswith(".")


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "constraint"), CONSTRAINTS)
def test_a_constraint_is_in_the_database(model, constraint):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)

    assert constraint.name in found


@pytest.mark.django_db
def test_double_booking_is_impossible_by_exclusion_constraints():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'x' AND conrelid = 'bookings_appointment'::regclass"
        )
        definitions = dict(cursor.fetchall())

    for who, when in (("practitioner_id", "occupied"), ("room_id", "occupied"), ("patient_id", "during")):
        assert any(f"{who} WITH =, {when} WITH &&" in text for text in definitions.values()), definitions
