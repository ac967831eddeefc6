"""Every sealed field of every model: bound to its row, changed with the keys, and no event of the trail by that."""

from __future__ import annotations

import threading
import time
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Func, TextField
from psycopg import sql

from bookings.desk.models import DayChange
from bookings.visits.models import Appointment
from bookings.waiting_list.models import WaitingEntry
from clinic.core import clock
from clinic.core.sealing import columns, keyring, places
from clinic.core.sealing.fields import SealedField, has_text, holds_text
from clinic.core.sealing.keyring import Unreadable
from clinic.patients.models import Patient
from clinic.records.entries.models import RecordKey
from tests.canaries import found, sealed
from tests.factories.bookings import AppointmentFactory, PatientNoteFactory
from tests.factories.clinic import PatientFactory, TreatmentFactory
from tests.factories.records import make_glass, make_review

pytestmark = pytest.mark.django_db
WORD = "canary-0c5e"
NEWER = {"newer": b"n" * 32}


@pytest.fixture
def two_of_each():
    for number in range(2):
        patient = PatientFactory(access_needs=f"{WORD} needs {number}", contact_note=f"{WORD} call {number}")
        visit = AppointmentFactory(patient=patient, note=f"{WORD} visit {number}")
        PatientNoteFactory(patient=patient, visit=visit, text=f"{WORD} staff {number}")
        its = {"first_day": date(2027, 3, 1), "last_day": date(2027, 3, 9), "created_at": clock.now()}
        WaitingEntry.objects.create(patient=patient, treatment=TreatmentFactory(), note=f"{WORD} wish {number}", **its)
        RecordKey.objects.create(patient=patient, wrapped=f"{WORD} key {number}")
        glass = make_glass(patient=patient, reason=f"{WORD} reason {number}")
        make_review(glass, finding=f"{WORD} finding {number}")


def in_table(column, statement, *parameters):
    """As someone who can write the table would."""
    names = {"table": column.table, "column": column.column, "pk": column.pk, "bound": column.bound}
    written = sql.SQL(statement).format(**{name: sql.Identifier(value) for name, value in names.items()})
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(column.table)))
        cursor.execute(written, parameters)
        found = cursor.fetchall() if cursor.description else []
        cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(column.table)))
    return found


def read(column):
    """All texts of the column, opened."""
    about = column.about_row
    rows = in_table(column, "SELECT {column}, {bound}::text FROM {table} WHERE {column} > ''")
    return [keyring.unseal(value, about=about(identity)) for value, identity in rows]


def test_each_holds_two_texts_that_do_not_open_when_they_are_swapped(two_of_each):
    tried = list(columns.sealed_columns())
    assert {(one.table, one.column) for one in tried} == sealed(WORD)
    for column in tried:
        (one, first), (other, second) = in_table(
            column, "SELECT {pk}, {column} FROM {table} WHERE {column} > '' ORDER BY {pk} LIMIT 2"
        )
        change = "UPDATE {table} SET {column} = %s WHERE {pk} = %s"
        in_table(column, change, second, one)
        in_table(column, change, first, other)
        with pytest.raises(Unreadable):
            read(column)


def test_one_field_does_not_open_as_another_of_the_same_row(two_of_each):
    Patient.objects.update(access_needs=Patient.objects.values_list("contact_note", flat=True)[0])

    with pytest.raises(Unreadable):
        assert Patient.objects.earliest("pk").access_needs


def test_a_new_key_reaches_all_of_them_and_is_no_change_of_a_record(two_of_each, settings):
    before = {column.name: read(column) for column in columns.sealed_columns()}
    trails = [Appointment.pgh_event_model.objects, Patient.pgh_event_model.objects]
    trails.append(DayChange.objects)  # no diary that is open is told
    lengths = [trail.count() for trail in trails]
    settings.FIELD_KEYS = NEWER | settings.FIELD_KEYS

    call_command("rotate_field_keys", verbosity=0)
    settings.FIELD_KEYS = NEWER

    assert {column.name: read(column) for column in columns.sealed_columns()} == before
    assert not list(places.unreadable())
    assert [trail.count() for trail in trails] == lengths


def test_batches_reach_every_row_of_a_trail(two_of_each, settings, monkeypatch):
    """Rows of a trail have the same `id` many times."""
    monkeypatch.setattr(columns, "BATCH", 2)
    visit = Appointment.objects.earliest("pk")
    for status in ("confirmed", "arrived", "booked", "confirmed"):
        visit.status = status
        visit.save()
    settings.FIELD_KEYS = NEWER | settings.FIELD_KEYS

    call_command("rotate_field_keys", verbosity=0)

    assert not list(places.not_by_the_newest_key())


def test_what_was_typed_before_it_was_sealed_is_sealed_as_it_stands(two_of_each):
    """Somebody may have typed what looks sealed: a patient cannot stop an upgrade."""
    visit, other = Appointment.objects.order_by("pk")
    column = next(one for one in columns.sealed_columns() if one.table == "bookings_appointment")
    looks_sealed = f"s1.{keyring.newest_key()}.AAAA"
    in_table(column, "UPDATE {table} SET {column} = %s WHERE {pk} = %s", looks_sealed, visit.pk)
    in_table(column, "UPDATE {table} SET {column} = %s WHERE {pk} = %s", "Plain words", other.pk)

    assert (column.seal_first(), column.seal_first()) == (2, 0)

    assert {one.note for one in Appointment.objects.all()} == {looks_sealed, "Plain words"}
    assert found("Plain words") == found(looks_sealed) == set()


def test_the_same_text_once_more_changes_nothing(two_of_each):
    patient, trail = Patient.objects.earliest("pk"), Patient.pgh_event_model.objects
    before = trail.count()
    patient.access_needs = str(patient.access_needs)
    patient.save()
    Patient.objects.defer("contact_note").get(pk=patient.pk).save()
    late = Patient.objects.defer("contact_note").get(pk=patient.pk)
    assert WORD in late.contact_note
    late.save()
    assert trail.count() == before

    patient.access_needs = "Another"
    patient.save()
    assert trail.count() == before + 1


def test_whether_there_is_any_text_is_known_unopened(two_of_each, monkeypatch):
    PatientFactory(access_needs="")
    monkeypatch.setattr(SealedField, "unseal", lambda *_args: pytest.fail("It was opened."))

    assert [has_text(row, "access_needs") for row in Patient.objects.order_by("pk")] == [True, True, False]
    assert Patient.objects.filter(holds_text("access_needs")).count() == 2
    assert Patient.objects.exclude(access_needs="").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_keeps_no_other_waiting(two_of_each, settings):
    """It is sealed once they let go: here, when the other has been sealed."""
    held, other = Appointment.objects.order_by("pk")
    settings.FIELD_KEYS = NEWER | settings.FIELD_KEYS
    holds, seen = threading.Event(), []

    def hold():
        with transaction.atomic():
            Appointment.objects.select_for_update().get(pk=held.pk)
            holds.set()
            while not seen and time.monotonic() < ends:
                keys = Appointment.objects.annotate(key=Func("note", function="sealing_key", output_field=TextField()))
                seen.extend(keys.filter(pk=other.pk, key="newer"))
        connection.close()

    ends = time.monotonic() + 20
    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(20)
    call_command("rotate_field_keys", verbosity=0)
    thread.join(20)

    assert seen
    assert not list(places.not_by_the_newest_key())
