"""The clinic is served whole by the app's role: what it does each day, and what it does to the past by the one way there is."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client

from bookings.desk.patients import merging
from bookings.visits.models import Appointment, PatientNote
from bookings.visits.models.statuses import Status
from clinic.core.models import Forgotten
from clinic.privacy import erasure, requests
from clinic.privacy.models import DataRequest, ErasureLog
from clinic.privacy.people import person_of
from tests.bookings.moments import NOW, at
from tests.canaries import anywhere
from tests.clinic.privacy.someone import someone
from tests.factories.bookings import AppointmentFactory, LocationFactory, PatientNoteFactory, working_week
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import PASSWORD, PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_app_role")]


@pytest.fixture(autouse=True)
def _at_a_known_hour(settings, tmp_path):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    settings.COPIES_DIR = tmp_path / "copies"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nurse():
    nurse = PractitionerFactory(offers=[TreatmentFactory(slug="peel")])
    working_week(nurse, LocationFactory())
    return nurse


def ask(client, method, address, **body):
    headers = {"Idempotency-Key": "one"} if address == "bookings" else {}
    return client.generic(
        method, f"/api/v1/{address}", json.dumps(body), content_type="application/json", headers=headers
    )


def test_a_visit_is_booked_moved_and_cancelled(client, nurse):
    patient = {
        "full_name": "Sam Lee",
        "email": "sam@example.com",
        "phone": "07700 900123",
        "date_of_birth": "1990-02-28",
    }
    what = {"treatment": "peel", "practitioner": None, "patient": patient, "note": "", "accept_terms": True}

    booked = ask(client, "POST", "bookings", starts_at=at(10).isoformat(), **what)
    link = booked.json()["visit_url"].rstrip("/").rpartition("/")[2]
    moved = ask(client, "POST", f"bookings/{link}/move", starts_at=at(11).isoformat())
    cancelled = ask(client, "DELETE", f"bookings/{link}")

    assert [answer.status_code for answer in (booked, moved, cancelled)] == [201, 200, 200]
    visit = Appointment.objects.get()
    assert visit.status == Status.CANCELLED
    assert list(visit.events.order_by("pgh_id").values_list("status", flat=True))[-1] == Status.CANCELLED
    assert visit.events.count() >= 3
    assert visit.messages.exists()


def test_staff_sign_in_work_and_are_named_in_the_trail(nurse):
    desk, browser = StaffFactory(role="desk"), Client()
    EmailAddress.objects.create(user=desk, email=desk.email, verified=True, primary=True)
    visit = AppointmentFactory(practitioner=nurse, treatment=nurse.treatments.get(), starts_at=at(10))

    browser.post("/accounts/login/", {"login": desk.email, "password": PASSWORD})
    page = browser.get(f"/diary/visits/{visit.reference}/")
    browser.post(f"/diary/visits/{visit.reference}/cancel/", {"version": visit.version, "stage": visit.status})

    assert page.status_code == 200
    last = visit.events.latest("pgh_id")
    assert (last.status, last.pgh_context.metadata["user"]) == (Status.CANCELLED, desk.pk)


@pytest.mark.parametrize("is_seen", [True, False])
def test_somebody_is_erased_by_the_page(is_seen):
    """Of whoever was treated the trail stays without what the registry blanks; of others nothing stays."""
    patient, account = someone("canary", is_seen=is_seen)
    notes = PatientNote.objects.count()

    answer = just_signed_in(account).post("/my/data/delete/", {"sure": "yes"}, follow=True)

    assert answer.status_code == 200
    log = ErasureLog.objects.get()
    assert bool(log.kept) == is_seen
    for waiting in DataRequest.objects.open():  # of whoever was treated; its words are needed until then
        requests.answer(waiting, outcome="canary answer", by=StaffFactory(role="owner"), now=NOW)
    trails = {table for table, _column in anywhere("canary") if table.endswith("event")}
    assert trails <= ({"patients_patientevent", "bookings_appointmentevent"} if is_seen else set())
    assert "canary-before@" not in str(list(patient.events.values_list("email", flat=True)))
    assert PatientNote.objects.count() == notes
    hows = set(Forgotten.objects.values_list("how", flat=True))
    assert hows == ({"blank", "erase", "who"} if is_seen else {"cut", "erase", "who"})


def test_what_was_kept_is_erased_when_its_time_is_over():
    """The notes too, which nobody changes: long after, nothing keeps them."""
    patient = PatientFactory()
    visit = AppointmentFactory(patient=patient, status="completed", starts_at=NOW - timedelta(days=365))
    PatientNoteFactory(patient=patient, visit=visit, written_at=NOW - timedelta(days=365))

    erasure.erase(person_of(patient=patient), now=NOW + timedelta(days=3650), by=None)

    assert not PatientNote.objects.exists()
    assert Forgotten.objects.filter(trail="bookings_patientnote", how="erase", number=1).exists()


def test_two_records_are_merged_and_parted():
    kept, gone, by = PatientFactory(), PatientFactory(), StaffFactory()
    visit = AppointmentFactory(patient=gone, starts_at=NOW + timedelta(days=1))
    PatientNoteFactory(patient=gone)

    merge = merging.merge(kept=kept, gone=gone, by=by, now=NOW)
    merging.undo(merge=merge, by=by, now=NOW + timedelta(days=1))

    assert list(visit.events.order_by("pgh_id").values_list("patient_id", flat=True)) == [gone.pk, kept.pk, gone.pk]
    assert not Forgotten.objects.exists()
