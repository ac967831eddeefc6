"""Whatever is signed stays as it was signed: asked of PostgreSQL in its own words, by its owner and by the app's role."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from clinic.core import clock
from clinic.core.errors import broken_constraint
from clinic.records.entries.models import Entry, RecordKey
from tests.factories.clinic import PatientFactory
from tests.factories.records import clinician, make_access, make_entry, raw_entry, visit_of

pytestmark = pytest.mark.django_db
CHANGES = (
    "UPDATE records_entry SET body = ''",
    "UPDATE records_entry SET occurred_at = now()",
    "DELETE FROM records_entry",
    "TRUNCATE records_entry CASCADE",
    "SET LOCAL pgtrigger.ignore = '{records_entry_rows_stay}'; DELETE FROM records_entry",
    "UPDATE records_accesslog SET page = 'x'",
    "DELETE FROM records_accesslog",
    "TRUNCATE records_accesslog",
)
HEAD = (
    "UPDATE records_recordkey SET head_number = 0",
    "UPDATE records_recordkey SET head_digest = decode(repeat('11', 32), 'hex')",
    "UPDATE records_recordkey SET reference = 'ABCDEFGH'",
)


def refusal(statement):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL empties no table with checks to come
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return refused.value


@pytest.fixture
def signed():
    visit = visit_of(clinician())
    make_access(visit.practitioner.user, visit.patient)
    return make_entry(visit)


@pytest.mark.parametrize("statement", CHANGES)
def test_its_owner_changes_nothing(signed, statement):
    assert broken_constraint(refusal(statement)) == "record_is_append_only"


@pytest.mark.parametrize("statement", CHANGES)
def test_the_apps_role_may_not_even_try(signed, as_app_role, statement):
    assert refusal(statement).__cause__.sqlstate == "42501"  # insufficient privilege


@pytest.mark.parametrize("statement", HEAD)
def test_the_head_of_a_record_is_moved_by_its_entries_alone(signed, as_app_role, statement):
    assert broken_constraint(refusal(statement)) == "record_head_is_moved_by_entries"


def test_no_method_of_a_model_does_either(signed):
    entry = Entry.objects.get()
    entry.kind = "file"
    for change in (
        entry.save,
        entry.delete,
        lambda: Entry.objects.bulk_update([entry], ["kind"]),
        Entry.objects.all().delete,
    ):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            change()
        assert broken_constraint(refused.value) == "record_is_append_only"
    assert Entry.objects.get().kind == "note"


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"number": 3}, "entry_follows_the_newest"),
        ({"number": 1}, "entry_follows_the_newest"),
        ({"prev_digest": bytes(32)}, "entry_follows_the_newest"),
        ({"digest": b"short"}, "entry_is_dated_by_the_database"),
        ({"recorded_at": lambda: clock.now().replace(year=2020)}, "entry_is_dated_by_the_database"),
        ({"recorded_at": lambda: clock.now().replace(year=2031)}, "entry_is_dated_by_the_database"),
    ],
)
def test_a_gap_a_fork_and_a_date_of_ones_own_are_refused(signed, values, rule):
    made = {name: value() if callable(value) else value for name, value in values.items()}
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        raw_entry(patient=signed.patient, **made)

    assert broken_constraint(refused.value) == rule


def test_an_entry_is_of_the_patient_of_its_visit_and_of_what_it_corrects(signed):
    other = PatientFactory()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        make_entry(patient=other, author=None, kind="file") and raw_entry(patient=other, visit=signed.visit)
    assert broken_constraint(refused.value) == "entry_is_of_the_visits_patient"

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        raw_entry(patient=other, kind="addendum", corrects=signed)
    assert broken_constraint(refused.value) == "correction_is_of_the_same_patient"


def test_a_record_begins_with_nothing_in_it():
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        RecordKey.objects.create(patient=PatientFactory(), wrapped="x", head_number=4)

    assert broken_constraint(refused.value) == "record_head_is_moved_by_entries"
