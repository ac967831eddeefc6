"""A sealed field: staff read the note, the database does not, and no note opens in another's row."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from bookings.visits.models import PatientNote
from clinic.core.sealing import keyring, places
from clinic.core.sealing.fields import NotSearchable
from clinic.core.sealing.keyring import Unreadable
from clinic.running.health import field_keys
from tests.factories.bookings import PatientNoteFactory

pytestmark = pytest.mark.django_db
CANARY = "canary-7c1f: afraid of needles"


def stored(note):
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM bookings_patientnote WHERE id = %s", [note.pk])
        return cursor.fetchone()[0]


def overwrite(note, text):
    """As someone who can write the table would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE bookings_patientnote DISABLE TRIGGER USER")
        cursor.execute("UPDATE bookings_patientnote SET text = %s WHERE id = %s", [text, note.pk])
        cursor.execute("ALTER TABLE bookings_patientnote ENABLE TRIGGER USER")


def test_staff_read_what_the_database_does_not():
    note = PatientNoteFactory(text=CANARY)

    assert "canary" not in stored(note)
    assert keyring.key_of(stored(note)) == keyring.newest_key()
    assert PatientNote.objects.get().text == CANARY
    assert PatientNote.objects.defer("text").get().text == CANARY


def test_a_row_in_memory_stays_sealed_too():
    PatientNoteFactory(text=CANARY)

    assert CANARY not in str(PatientNote.objects.get().__dict__)


def test_two_swapped_notes_open_neither():
    one, other = PatientNoteFactory(text="One."), PatientNoteFactory(text="Other.")
    overwrite(one, stored(other))

    with pytest.raises(Unreadable):
        assert PatientNote.objects.get(pk=one.pk).text


def test_nothing_is_written_without_its_row_or_searched():
    PatientNoteFactory(text=CANARY)

    with pytest.raises(NotSearchable):
        PatientNote.objects.update(text="clear")
    with pytest.raises(NotSearchable):
        PatientNote.objects.filter(text__contains="canary").exists()


def test_a_new_key_seals_notes_anew_and_they_stay_append_only(settings):
    notes = [PatientNoteFactory(text=f"{CANARY} {number}") for number in range(3)]
    settings.FIELD_KEYS = {"newer": b"n" * 32, **settings.FIELD_KEYS}

    call_command("rotate_field_keys", verbosity=0)
    settings.FIELD_KEYS = {"newer": b"n" * 32}

    assert {keyring.key_of(stored(note)) for note in notes} == {"newer"}
    assert [note.text for note in PatientNote.objects.order_by("pk")] == [f"{CANARY} {number}" for number in range(3)]
    assert not list(places.unreadable())


def test_a_note_of_an_older_release_is_read_said_and_sealed():
    note = PatientNoteFactory()
    overwrite(note, CANARY)

    assert PatientNote.objects.get().text == CANARY
    assert field_keys()["state"] == "failing"

    call_command("rotate_field_keys", verbosity=0)
    assert "canary" not in stored(note)
    assert (PatientNote.objects.get().text, field_keys()["state"]) == (CANARY, "ok")


def test_readiness_sees_a_note_whose_key_is_gone(settings):
    PatientNoteFactory(text=CANARY)
    settings.FIELD_KEYS = {"newer": b"n" * 32}

    assert any("lacks" in reason for reason in places.unreadable())


def test_a_migration_taken_back_puts_the_text_back():
    note = PatientNoteFactory(text=CANARY)
    column = next(place for place in places.places() if getattr(place, "table", "") == "bookings_patientnote")

    assert (column.unseal_all(), stored(note)) == (1, CANARY)
    assert (column.seal_anew(), PatientNote.objects.get().text) == (1, CANARY)
