"""F5: what is written of a patient stays as it was written, whatever writes to the table."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from bookings.desk.patients.notes import NoteRefused, add_note
from bookings.visits.models import Appointment, PatientNote
from bookings.visits.models.note import with_note_counts
from tests.factories.bookings import AppointmentFactory, PatientNoteFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)


def write(patient, text="Prefers mornings.", **more):
    asked = {"author": StaffFactory(), "now": NOW, "token": uuid4()} | more
    return add_note(patient=patient, text=text, **asked)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE bookings_patientnote SET text = 'x'", "UPDATE bookings_patientnote SET patient_id = patient_id",
     "DELETE FROM bookings_patientnote"],
)  # fmt: skip
def test_the_database_lets_nobody_change_or_delete_a_note(statement):
    note = PatientNoteFactory()

    with (
        pytest.raises(DatabaseError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert PatientNote.objects.get().text == note.text


def test_a_form_sent_twice_is_one_note():
    patient, author, token = PatientFactory(), StaffFactory(), uuid4()

    first = write(patient, author=author, token=token)
    second = write(patient, author=author, token=token)

    assert (first, PatientNote.objects.count()) == (second, 1)


def test_somebody_elses_token_adds_no_note():
    token = uuid4()
    write(PatientFactory(), token=token)

    with pytest.raises(NoteRefused):
        write(PatientFactory(), token=token)


def test_a_correction_takes_the_place_of_a_note_once():
    visit = AppointmentFactory()
    first = write(visit.patient, visit=visit)

    second = write(visit.patient, "Prefers afternoons.", corrects=first.pk)

    assert (second.corrects, second.visit) == (first, visit)
    with pytest.raises(NoteRefused, match="corrected meanwhile"):
        write(visit.patient, "Prefers evenings.", corrects=first.pk)
    with pytest.raises(NoteRefused, match="not a note of this patient"):
        write(PatientFactory(), corrects=second.pk)


def test_notes_of_a_merged_record_are_read_with_those_of_the_one_that_remained():
    patient = PatientFactory()
    old = PatientNoteFactory(patient=PatientFactory(merged_into=patient))
    new = PatientNoteFactory(patient=patient)
    PatientNoteFactory()

    assert set(PatientNote.objects.of(patient)) == {old, new}


def test_visits_are_counted_their_notes_in_one_statement(django_assert_num_queries):
    visit, other = AppointmentFactory(), AppointmentFactory()
    first = write(visit.patient, visit=visit)
    write(visit.patient, "Prefers afternoons.", corrects=first.pk)
    write(visit.patient, "Bring the forms.", visit=visit)

    with django_assert_num_queries(1):
        counted = {one.pk: one.note_count for one in with_note_counts(Appointment.objects.all())}

    assert counted == {visit.pk: 2, other.pk: 0}
