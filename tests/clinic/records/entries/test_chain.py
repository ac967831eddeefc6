"""`verify_records` names whatever is not as it was signed, by one flipped byte."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.records.entries import chain
from clinic.records.entries.models import Entry, RecordKey
from tests.factories.records import clinician, make_entry, visit_of

pytestmark = pytest.mark.django_db


@contextmanager
def as_an_intruder():
    """Who owns the server sets triggers aside; the chain tells of it all the same."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        yield cursor
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.fixture
def record():
    visit = visit_of(clinician())
    for text in ("First", "Second", "Third"):
        make_entry(visit, body={"text": text})
    return RecordKey.objects.get()


def faults():
    return list(chain.faults())


def test_a_record_as_it_was_signed_has_no_fault(record, capsys):
    assert faults() == []
    call_command("verify_records")
    assert "3 entries" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE records_entry SET body = overlay(body PLACING 'zz' FROM 30) WHERE number = 2", "does not open"),
        ("UPDATE records_entry SET occurred_at = occurred_at - interval '1 day' WHERE number = 2", "is not what was"),
        ("UPDATE records_entry SET kind = 'file' WHERE number = 2", "is not what was signed"),
        (
            "UPDATE records_entry AS e SET body = o.body FROM records_entry AS o WHERE e.number = 2 AND o.number = 3",
            "does not open",
        ),
        ("DELETE FROM records_entry WHERE number = 2", "does not follow"),
        ("DELETE FROM records_entry WHERE number = 3", "does not end with"),
        ("UPDATE records_recordkey SET head_number = 7", "does not end with"),
    ],
)
def test_whatever_was_changed_is_named(record, change, told):
    with as_an_intruder() as cursor:
        cursor.execute(change)

    found = faults()

    assert any(told in fault for fault in found), found
    assert all(record.reference in fault for fault in found)
    assert not any("Second" in fault or "Third" in fault for fault in found)
    with pytest.raises(CommandError, match=told):
        call_command("verify_records")


def test_no_two_equal_texts_look_equal():
    visits = [visit_of(clinician()) for _ in range(2)]
    one, other = (make_entry(visit, body={"text": "The same"}) for visit in visits)

    assert bytes(one.digest) != bytes(other.digest)
    assert Entry.objects.get(pk=one.pk).body != Entry.objects.get(pk=other.pk).body
