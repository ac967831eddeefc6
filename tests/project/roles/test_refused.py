"""What the app's role asks of PostgreSQL in its own words, and is refused."""

from __future__ import annotations

import re

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from pghistory.models import Context, Event
from psycopg import errors, sql

from bookings.visits.models import Appointment
from clinic.core.database import trail
from clinic.core.models import Forgotten
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
TRAILS = [model for model in apps.get_models() if issubclass(model, Event) and model._meta.managed]
MIGHTY = ("TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
NOT_FOR_IT = (
    "ALTER TABLE bookings_appointment DISABLE TRIGGER ALL",
    "DROP TRIGGER {trigger} ON bookings_appointment",
    "CREATE TRIGGER mine BEFORE INSERT ON bookings_appointmentevent EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE mine AS ON INSERT TO bookings_appointmentevent DO INSTEAD NOTHING",
    "ALTER FUNCTION _pgtrigger_should_ignore(name) RESET search_path",
    "CREATE OR REPLACE FUNCTION _pgh_attach_context() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
    "DROP FUNCTION forget_in_trail(text, bigint[], text)",
    "SET session_replication_role = replica",
    "CREATE TABLE mine ()",
    "CREATE SCHEMA mine",
    "ALTER TABLE bookings_appointmentevent OWNER TO CURRENT_USER",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "CREATE ROLE mine",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "COPY bookings_appointmentevent TO PROGRAM 'true'",
    "DO $$ BEGIN LOCK TABLE bookings_appointmentevent IN EXCLUSIVE MODE; END $$",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'x', now())",
    "INSERT INTO core_forgotten (at, trail, how, number, role) VALUES (now(), 'x', 'x', 0, 'x')",
)


def accepted(server: psycopg.Connection, statement) -> bool:
    """Whether it was done. What it fails by is the want of a right, and nothing else."""
    try:
        server.execute(statement)
    except errors.InsufficientPrivilege:
        return False
    return True


def written_to_by_triggers() -> set[str]:
    """By the database itself: the tables that functions of triggers insert into."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc JOIN pg_trigger ON tgfoid = pg_proc.oid WHERE prosrc ~ 'pgh_label'")
        return {table for (text,) in cursor for table in re.findall(r'INSERT INTO "(\w+)"', text)}


def test_nothing_that_is_only_added_to_is_changed_or_emptied(app_role):
    """E: audit unalterable."""
    kept = trail.kept_from_the_app()
    trails = {model._meta.db_table for model in TRAILS}
    keys = {model._meta.db_table: model._meta.pk.column for model in apps.get_models()}

    assert trails
    assert trails == written_to_by_triggers()
    assert trails | {"pghistory_context", "bookings_patientnote", "privacy_erasurelog", "core_forgotten"} <= set(kept)
    with app_role.connect() as server:
        done = [
            (table, statement)
            for table in kept
            for statement in ("UPDATE {t} SET {k} = {k}", "DELETE FROM {t}", "TRUNCATE {t}")
            if accepted(
                server, sql.SQL(statement).format(t=sql.Identifier(table), k=sql.Identifier(keys.get(table, "id")))
            )
        ]
    assert done == []


def test_no_table_no_trigger_and_no_role_is_changed(app_role):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'bookings_appointment'::regclass AND tgname ~ '^pgtrigger' LIMIT 1"
        )
        names = {"trigger": cursor.fetchone()[0], "owner": connection.settings_dict["USER"]}
    with app_role.connect() as server:
        done = [line for line in NOT_FOR_IT if accepted(server, line.format(**names))]
        mighty = server.execute(
            "SELECT relname FROM pg_class, unnest(%s::text[]) AS able (what) WHERE relnamespace = 'public'::regnamespace "
            "AND relkind = 'r' AND has_table_privilege(pg_class.oid, what)",
            [list(MIGHTY)],
        ).fetchall()
    assert done == []
    assert mighty == []


def test_triggers_are_neither_set_aside_nor_led_astray(as_app_role):
    """`pgtrigger.ignore` and temporary tables are open to any session."""
    visit = AppointmentFactory()
    before = visit.events.count()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(tgname, ',') FROM pg_trigger WHERE tgrelid = 'bookings_appointment'::regclass"
        )
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + cursor.fetchone()[0] + "}"])
        cursor.execute(
            "CREATE TEMPORARY TABLE bookings_appointmentevent (LIKE bookings_appointmentevent INCLUDING ALL)"
        )
        cursor.execute("CREATE TEMPORARY TABLE pghistory_context (LIKE pghistory_context INCLUDING ALL)")
        cursor.execute("SET LOCAL search_path = pg_temp, public")
        cursor.execute("UPDATE bookings_appointment SET note = 'x' WHERE id = %s", [visit.pk])
        cursor.execute("SELECT count(*) FROM public.bookings_appointmentevent WHERE pgh_obj_id = %s", [visit.pk])

        assert cursor.fetchone()[0] == before + 1


def test_what_a_context_said_stays_and_what_differs_is_another(as_app_role):
    """With another's number, and for one request that says more of itself as it goes on."""
    visit = AppointmentFactory()

    def note(version, context):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pghistory.context_id', 'c0ffee00-0000-4000-8000-000000000000', true)")
            cursor.execute("SELECT set_config('pghistory.context_metadata', %s, true)", [context])
        Appointment.objects.filter(pk=visit.pk).update(version=version)

    note(11, '{"user": 1}')
    note(12, '{"user": 2}')
    note(13, '{"user": 2}')
    note(14, '{"user": 1}')

    told = visit.events.filter(version__gt=10).order_by("pgh_id").values_list("version", "pgh_context__metadata__user")
    assert list(told) == [(11, 1), (12, 2), (13, 2), (14, 1)]
    assert Context.objects.count() == 2


def test_forgetting_does_what_the_registry_says_and_leaves_a_row(as_app_role, app_role):
    patient = PatientFactory(email="before@example.com")
    patient.email = "after@example.com"
    patient.save()
    events = type(patient).pgh_event_model.objects.filter(pgh_obj=patient).order_by("pgh_id")
    blanked = {"email", "phone", "contact_by", "letter_format", "access_needs", "contact_note", "marketing_opted_in_at"}
    kept = [field.attname for field in events.model._meta.concrete_fields if field.name not in blanked]
    before = list(events.values(*kept))

    trail.forget(events.model, events.values_list("pk", flat=True), "blank")

    assert list(events.values(*kept)) == before
    assert {*events.values_list("email", "phone", "access_needs")} == {("", "", "")}
    row = Forgotten.objects.get()
    assert (row.trail, row.how, row.number, row.role) == ("patients_patientevent", "blank", 2, app_role.name)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT forget_in_trail('privacy_erasurelog', '{1}', 'erase')",
        "SELECT forget_in_trail('core_forgotten', '{1}', 'erase')",
        "SELECT forget_in_trail('pghistory_context', '{1}', 'erase')",
        "SELECT forget_in_trail('patients_patient', '{1}', 'erase')",
        "SELECT forget_in_trail('staff_heldroleevent', '{1}', 'erase')",
        "SELECT forget_in_trail('privacy_datarequestevent', '{1}', 'erase')",
        "SELECT forget_who_did(%(account)s)",
    ],
)
def test_nothing_else_is_forgotten(as_app_role, statement):
    """Logs, everyday tables, what staff may do, a proof that stays; and who did it, of an account that is still there."""
    account = UserFactory()

    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, {"account": account.pk})

    assert isinstance(refusal.value.__cause__, errors.InsufficientPrivilege)
    assert not Forgotten.objects.exists()
