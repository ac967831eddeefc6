"""Sealed text is opened by the record that it is of, in the column and row that it was written to, or not at all."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.template import Context, Template

from clinic.core.sealing.keyring import KeyMissing, Unreadable
from clinic.records.entries.fields import NotSealed, Unopened
from clinic.records.entries.keys import Opener, key_of, sealer_of
from clinic.records.entries.models import Draft, Entry, RecordKey
from tests.canaries import found
from tests.factories.clinic import PatientFactory
from tests.factories.records import clinician, make_draft, make_entry, visit_of

pytestmark = pytest.mark.django_db


def opener(patient):
    return Opener(RecordKey.objects.get(patient=patient))


def test_text_is_read_by_its_own_record_alone():
    entry, other = make_entry(body={"text": "canary-7d"}), make_entry()

    assert "canary-7d" in opener(entry.patient).text(entry, "body")
    with pytest.raises(Unreadable):
        opener(other.patient).text(entry, "body")
    assert found("canary-7d") == set()


def test_a_swapped_text_does_not_open():
    visit = visit_of(clinician())
    one, other = make_draft(visit, section="one"), make_draft(visit, section="two")
    one.body, other.body = other.body, one.body

    with pytest.raises(Unreadable):
        opener(visit.patient).text(one, "body")


def test_nobody_reads_it_by_the_way():
    make_entry()
    entry = Entry.objects.get()

    assert entry.body
    for read in (str, lambda text: f"{text}", lambda text: Template("{{ text }}").render(Context({"text": text}))):
        with pytest.raises(Unopened):
            read(entry.body)
    assert "sealed" in repr(entry.body)


def test_plain_text_cannot_be_kept_in_a_record():
    with pytest.raises(NotSealed):
        Draft(body="plain")
    visit = visit_of(clinician())
    make_draft(visit)
    with pytest.raises(NotSealed):
        Draft.objects.update(body="plain")


def test_two_who_begin_a_record_share_its_key():
    patient = PatientFactory()

    assert key_of(patient).wrapped == key_of(patient).wrapped
    assert RecordKey.objects.count() == 1


def test_a_new_key_of_the_clinic_wraps_records_anew_and_touches_no_signed_row(settings):
    entry = make_entry(body={"text": "Calm"})
    rows = "SELECT xmin::text, ctid::text FROM records_entry"
    with connection.cursor() as cursor:
        before = cursor.execute(rows).fetchall()
        settings.FIELD_KEYS = {"newer": b"n" * 32} | settings.FIELD_KEYS
        call_command("rotate_field_keys", verbosity=0)
        settings.FIELD_KEYS = {"newer": b"n" * 32}

        assert "Calm" in opener(entry.patient).text(entry, "body")
        assert cursor.execute(rows).fetchall() == before


def test_a_key_that_is_gone_is_said(settings):
    entry = make_entry()
    settings.FIELD_KEYS = {"other": b"o" * 32}

    with pytest.raises(KeyMissing):
        opener(entry.patient)
    with pytest.raises(KeyMissing):
        sealer_of(entry.patient)
