"""What is left of somebody after an erasure, looked for in every column of the whole database."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction

from bookings.messages.models import Message
from bookings.messages.planning import account_letters
from bookings.visits.models import Appointment, PatientNote
from clinic.accounts.models import User
from clinic.core.personal import registry
from clinic.patients.models import Patient, PatientAccess
from clinic.privacy import copies, erasure, requests
from clinic.privacy.models import DataRequest, ErasureLog, LimitedRecord
from clinic.privacy.people import person_of
from tests.bookings.moments import NOW
from tests.canaries import anywhere
from tests.clinic.privacy.someone import someone
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_a_known_hour(settings, tmp_path):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    settings.COPIES_DIR = tmp_path / "copies"
    with time_machine.travel(NOW, tick=False):
        yield


def columns_that_stay() -> set[tuple[str, str]]:
    """By the registry: the columns that are kept for a rule."""
    return {
        (one.model._meta.db_table, one.model._meta.get_field(name).column)
        for one in registry.personal()
        for name in one.named(end="keep")
    }


def test_of_somebody_who_was_never_seen_nothing_is_left(settings):
    patient, account = someone("canary", is_seen=False)
    before = anywhere("canary")

    log = erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    assert len(before) > 20
    assert anywhere("canary") == {("bookings_message", "recipient")}  # the last letter, which is on its way
    assert anywhere("7700900321") == set()
    assert (log.kept, log.until) == ([], None)
    account_letters.forget_old(NOW + timedelta(days=9))
    assert anywhere("canary") == set()
    erasure.note_missing(NOW)
    assert b"canary" not in settings.ERASURES_FILE.read_bytes()


def test_of_a_record_that_is_kept_only_what_the_rule_names_is_left():
    patient, account = someone("canary", is_seen=True)

    log = erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    requests.answer(DataRequest.objects.get(kind="object"), outcome="canary answer", by=StaffFactory(), now=NOW)
    Message.objects.filter(kind="account").delete()  # the last letters
    left = anywhere("canary") | anywhere("7700900321")
    generated = {("patients_patient", "name_key"), ("patients_patient", "contact_key")}
    assert left - generated <= columns_that_stay()
    assert "canary" in PatientNote.objects.get(patient=patient).text
    assert log.until == date(2034, 12, 31)
    assert LimitedRecord.objects.get(patient=patient).until == log.until
    assert not User.objects.filter(pk=account.pk).exists()
    assert not PatientAccess.objects.filter(patient=patient).exists()


def test_the_visit_stays_whole_and_its_old_link_opens_nothing():
    patient, account = someone("canary", is_seen=True)
    visit = Appointment.objects.get(patient=patient)
    token = visit.link_token

    erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    kept = Appointment.objects.get(pk=visit.pk)
    assert (kept.status, kept.during, kept.note) == ("completed", visit.during, "canary visit")
    assert not Appointment.objects.for_link(token).exists()
    assert PatientNote.objects.get(patient=patient).text == "canary noted"


def test_nobody_else_loses_anything():
    someone("other", is_seen=True, number="+447700900555")
    before = anywhere("other-mail"), anywhere("other-account"), anywhere("7700900555")
    patient, account = someone("canary", is_seen=False)

    erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    assert (anywhere("other-mail"), anywhere("other-account"), anywhere("7700900555")) == before


def test_what_was_planned_is_not_sent():
    patient, account = someone("canary", is_seen=True)

    erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    assert not Message.objects.exclude(kind="account").unsent().exists()


def test_a_coming_visit_has_to_be_cancelled_first():
    patient, account = someone("canary", is_seen=True)
    AppointmentFactory(patient=patient, starts_at=NOW + timedelta(days=3))

    with pytest.raises(erasure.StillOpen, match="a visit on"):
        erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    assert User.objects.filter(pk=account.pk).exists()


def test_twice_is_once():
    patient, account = someone("canary", is_seen=True)
    person = person_of(patient=patient, account=account)
    erasure.erase(person, now=NOW, by=None)

    with pytest.raises(erasure.NobodyThere):
        erasure.erase(person, now=NOW, by=None)

    assert ErasureLog.objects.count() == 1


@pytest.mark.parametrize(("year", "is_kept"), [(2018, False), (2019, True)])
def test_a_record_is_kept_eight_years_and_no_longer(year, is_kept):
    patient = PatientFactory()
    last = datetime(year, 6, 1, 9, tzinfo=UTC)
    AppointmentFactory(patient=patient, starts_at=last, status="completed")

    log = erasure.erase(person_of(patient=patient), now=NOW, by=None)

    assert (log.until is not None) == is_kept
    assert Patient.objects.filter(pk=patient.pk).exists() == is_kept


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
def test_a_visit_that_never_was_keeps_no_record(status):
    patient = PatientFactory()
    cancelled_at = NOW if status == "cancelled" else None
    AppointmentFactory(patient=patient, starts_at=NOW - timedelta(days=9), status=status, cancelled_at=cancelled_at)

    erasure.erase(person_of(patient=patient), now=NOW, by=None)

    assert not Patient.objects.filter(pk=patient.pk).exists()


def test_the_request_stays_as_proof_without_the_person():
    patient, account = someone("canary", is_seen=False)
    asked = requests.ask("erase", account=account, patient=patient, words="canary go", now=NOW)

    erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    row = DataRequest.objects.get(pk=asked.pk)
    assert (row.state, row.patient, row.account, row.words) == ("answered", None, None, "")
    assert "Nothing is kept" in row.outcome


@pytest.mark.parametrize(("is_seen", "state"), [(False, "answered"), (True, "received")])
def test_no_request_stays_open_of_whom_nothing_is_left(is_seen, state):
    patient, account = someone("canary", is_seen=is_seen)  # who objects to something, too

    erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    assert DataRequest.objects.get(kind="object").state == state


@pytest.mark.parametrize("end", ["answer", "withdraw"])
def test_what_nobody_has_answered_keeps_its_words_until_somebody_has(end):
    patient, account = someone("canary", is_seen=True)
    erased = requests.ask("erase", account=account, patient=patient, words="canary go", now=NOW)

    erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    row = DataRequest.objects.get(kind="object")
    assert (row.words, row.email) == ("canary objects", patient.email)
    assert DataRequest.objects.get(pk=erased.pk).words == ""
    assert row.events.filter(words="canary objects").exists()

    how = {"outcome": "canary answer"} if end == "answer" else {}
    getattr(requests, end)(row, by=StaffFactory(role="owner"), now=NOW, **how)

    row.refresh_from_db()
    assert (row.is_open, row.words, row.outcome) == (False, "", "")
    assert not {place for place in anywhere("canary") if "datarequest" in place[0]}


def test_a_merged_record_goes_with_the_one_that_remained():
    patient, account = someone("canary", is_seen=False)
    gone = PatientFactory(full_name="canary Twice", merged_into=patient)

    erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    assert not Patient.objects.filter(pk__in=[patient.pk, gone.pk]).exists()


def test_an_account_of_staff_stays():
    staff = StaffFactory(role="desk")
    patient = PatientFactory()

    erasure.erase(person_of(patient=patient, account=staff), now=NOW, by=None)

    assert User.objects.filter(pk=staff.pk, is_active=True).exists()
    assert not Patient.objects.filter(pk=patient.pk).exists()


def test_it_is_noted_beside_the_database_once_it_is_done(settings, django_capture_on_commit_callbacks):
    patient, account = someone("canary", is_seen=False)

    with django_capture_on_commit_callbacks(execute=True):
        log = erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)
        assert not settings.ERASURES_FILE.exists()
    copies.look(NOW)  # finds it written down

    (line,) = settings.ERASURES_FILE.read_text().splitlines()
    assert json.loads(line) == {
        "at": NOW.isoformat(),
        "patient": log.patient_digest,
        "account": log.account_digest,
        "version": registry.version(),
    }


def test_what_failed_at_last_is_noted_nowhere_and_what_was_killed_after_it_by_the_loop(settings):
    patient, account = someone("canary", is_seen=False)
    with transaction.atomic():
        erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)
        transaction.set_rollback(True)
    assert copies.look(NOW) == {}
    assert not settings.ERASURES_FILE.exists()

    erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)  # killed before it could note it
    found = [copies.look(NOW + timedelta(seconds=10)) for _ in range(2)]

    assert found == [{"noted": 1}, {}]
    assert len(settings.ERASURES_FILE.read_text().splitlines()) == 1


def test_what_an_account_did_is_found_without_reading_the_whole_trail():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT FROM pghistory_context WHERE metadata ->> 'user' = '7'")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "pghistory_context_user" in plan


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_are_one_erasure():
    patient, account = someone("canary", is_seen=True)
    person = person_of(patient=patient, account=account)

    def one(_number):
        try:
            return erasure.erase(person, now=NOW, by=None) and "erased"
        except erasure.NobodyThere:
            return "gone"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))

    assert sorted(answers) == ["erased", *["gone"] * 7]
    assert ErasureLog.objects.count() == 1
