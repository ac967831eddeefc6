"""The worklist of requests: the desk takes in, an owner answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from clinic.patients.joining import part
from clinic.patients.models import Patient
from clinic.privacy import erasure, requests
from clinic.privacy.models import DataRequest
from clinic.privacy.people import person_of
from tests.bookings.moments import NOW
from tests.clinic.privacy.someone import someone
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory

pytestmark = pytest.mark.django_db
LIST = "/diary/requests/"


@pytest.fixture(autouse=True)
def _at_a_known_hour(settings, tmp_path):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    settings.COPIES_DIR = tmp_path / "copies"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(browser):
    return browser(StaffFactory(role="desk"))


@pytest.fixture
def owner(browser):
    return browser(StaffFactory(role="owner"))


def taken_in(kind="access", **values):
    known = {
        "channel": "letter",
        "patient": PatientFactory(),
        "words": "",
        "received_on": NOW.date(),
        "now": NOW,
    } | values
    return requests.take_in(kind, **known)


def step(client, row, do, **fields):
    return client.post(f"{LIST}{row.reference}/", {"do": do, **fields})


def test_the_desk_takes_in_a_letter_from_the_record(desk):
    patient = PatientFactory()
    assert f"{LIST}new/{patient.reference}/" in desk.get(f"/diary/patients/{patient.reference}/").content.decode()

    sent = {"kind": "access", "channel": "letter", "received_on": "2027-02-26", "words": "Everything, please"}
    desk.post(f"{LIST}new/{patient.reference}/", sent)

    row = DataRequest.objects.get()
    assert (row.patient, row.channel, f"{row.due_on}") == (patient, "letter", "2027-03-30")
    assert patient.full_name in desk.get(LIST).content.decode()


def test_a_day_that_lies_ahead_is_refused_in_words(desk):
    sent = {"kind": "access", "channel": "letter", "received_on": "2027-03-02"}

    answer = desk.post(f"{LIST}new/{PatientFactory().reference}/", sent)

    assert answer.status_code == 422
    assert "cannot lie ahead" in answer.content.decode()


def test_the_desk_sees_but_does_not_answer(desk):
    row = taken_in()

    assert "An owner answers it" in desk.get(f"{LIST}{row.reference}/").content.decode()
    assert step(desk, row, "answer", outcome="Here").status_code == 403


def test_a_practitioner_sees_none_of_it(browser):
    nurse = browser(StaffFactory(role="practitioner"))

    assert nurse.get(LIST).status_code == 403


def test_an_owner_answers(owner):
    row = taken_in()

    page = step(owner, row, "answer", outcome="Here it is").headers["Location"]

    row.refresh_from_db()
    assert (row.state, row.outcome) == ("answered", "Here it is")
    assert "Answered." in owner.get(page).content.decode()


def test_an_answer_without_words_says_what_is_missing(owner):
    page = step(owner, taken_in(), "answer", outcome=" ").content.decode()

    assert "Write the answer" in page


def test_a_refused_step_keeps_what_was_typed(owner):
    row = taken_in()

    answer = step(owner, row, "extend", until="2030-01-01", reason="Much to read in old files")

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Much to read in old files" in page
    assert '<details class="details" open>' in page


@pytest.mark.parametrize(
    ("do", "fields", "state"),
    [
        ("acknowledge", {}, "working"),
        ("identity", {}, "identity"),
        ("withdraw", {}, "withdrawn"),
        ("refuse", {"ground": "kept", "outcome": "We have to keep it"}, "refused"),
        ("extend", {"until": "2027-05-01", "reason": "Much to read"}, "received"),
    ],
)
def test_each_step_has_its_button(owner, do, fields, state):
    row = taken_in()
    assert f'value="{do}"' in owner.get(f"{LIST}{row.reference}/").content.decode()

    step(owner, row, do, **fields)

    row.refresh_from_db()
    assert row.state == state
    assert (row.extended_to is not None) == (do == "extend")


@pytest.mark.parametrize("fields", [{}, {"ground": "because", "outcome": "No"}, {"ground": "kept"}])
def test_a_refusal_without_ground_or_words_is_asked_again(owner, fields):
    row = taken_in()

    assert step(owner, row, "refuse", **fields).status_code == 422
    assert DataRequest.objects.get().is_open


def test_what_was_closed_meanwhile_is_told(owner):
    row = taken_in()
    step(owner, row, "withdraw")

    answer = step(owner, row, "acknowledge")

    assert answer.status_code == 409
    assert "closed already" in answer.content.decode()


def test_the_worklist_begins_with_what_is_due_first(owner):
    late, soon = PatientFactory(full_name="Late One"), PatientFactory(full_name="Soon One")
    taken_in(patient=late)
    taken_in(patient=soon, received_on=NOW.date() - timedelta(days=29))

    page = owner.get(LIST).content.decode()

    assert page.index("Soon One") < page.index("Late One")
    assert page.count("tag--clay") == 1


def test_an_owner_deletes_what_a_letter_asked(owner):
    patient = PatientFactory()
    row = taken_in("erase", patient=patient)

    owner.post(f"{LIST}{row.reference}/erase/")

    row.refresh_from_db()
    assert (row.state, row.patient) == ("answered", None)
    assert not Patient.objects.filter(pk=patient.pk).exists()


def test_a_fresh_sign_in_is_asked_before_it_is_deleted(browser):
    patient = PatientFactory()
    row = taken_in("erase", patient=patient)

    browser(StaffFactory(role="owner"), fresh=False).post(f"{LIST}{row.reference}/erase/")

    assert Patient.objects.filter(pk=patient.pk).exists()


def test_a_record_of_limited_use_is_an_owners_alone(owner, desk, browser):
    patient, account = someone("canary", is_seen=True)
    nurse = StaffFactory(role="practitioner")
    AppointmentFactory(
        patient=patient,
        practitioner=PractitionerFactory(user=nurse),
        starts_at=NOW - timedelta(days=20),
        status="completed",
    )
    patient.appointments.update(created_at=NOW - timedelta(days=30))
    record = f"/diary/patients/{patient.reference}/"
    assert desk.get(record).status_code == 200
    request = f"{LIST}{taken_in('access', patient=patient).reference}/"
    assert record in desk.get(request).content.decode()

    erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    assert "Limited use" in owner.get(record).content.decode()
    assert record in owner.get(request).content.decode()
    assert record not in desk.get(request).content.decode()
    assert desk.get(record).status_code == 404
    assert browser(nurse).get(record).status_code == 404
    assert "Quill" not in desk.get("/diary/patients/?q=canary").content.decode()
    for visit in patient.appointments.all():
        assert owner.get(f"/diary/visits/{visit.reference}/").status_code == 200
        assert desk.get(f"/diary/visits/{visit.reference}/").status_code == 404
        assert "Quill" not in desk.get(f"/diary/patients/?q={visit.reference}").content.decode()
    for tab in ("sent", "planned", "check"):
        assert "Quill" not in desk.get(f"/diary/messages/?tab={tab}").content.decode()
    message = patient.messages.exclude(kind="account").first()
    assert owner.get(f"/diary/messages/{message.pk}/").status_code == 200
    assert desk.get(f"/diary/messages/{message.pk}/").status_code == 404


def test_a_record_opens_again_when_they_book_again(desk):
    patient, account = someone("canary", is_seen=True)
    patient.appointments.update(created_at=NOW - timedelta(days=30))
    erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)

    visit = AppointmentFactory(patient=patient, starts_at=NOW + timedelta(days=3))
    patient.appointments.filter(pk=visit.pk).update(created_at=NOW + timedelta(hours=1))

    assert desk.get(f"/diary/patients/{patient.reference}/").status_code == 200


def test_nobody_is_deleted_for_an_account_that_has_lost_the_record(owner):
    patient, account = someone("canary", is_seen=True)
    row = requests.ask("erase", account=account, patient=patient, words="", now=NOW)
    part(patient.accesses.get(kind="self"), by=None, now=NOW)

    answer = owner.post(f"{LIST}{row.reference}/erase/")

    assert answer.status_code == 409
    assert "does not open this record any more" in answer.content.decode()
    assert Patient.objects.get(pk=patient.pk).email
