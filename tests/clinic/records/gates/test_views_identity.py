"""Identity is noted by kind of document and by whom; nothing of the document is kept."""

import json

import pytest
from django.test import Client

from bookings.visits.models.statuses import Status
from clinic.records.entries.keys import Opener
from clinic.records.entries.models import Entry, RecordKey
from clinic.records.gates.missing import missing_to_start
from clinic.records.needs.models import TreatmentRules
from tests.clinic.records.assessing.pages import browser, soup
from tests.factories.records import clinician, visit_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    visit = visit_of(clinician(name="Nurse Marina"), status=Status.ARRIVED)
    TreatmentRules.objects.create(treatment=visit.treatment, needs_identity_check=True)
    return visit


def page_of(visit):
    return f"/diary/visits/{visit.reference}/record/identity/"


def test_what_stops_the_start_leads_to_the_page_that_mends_it(visit):
    client = browser(visit.practitioner)
    status = f"/diary/visits/{visit.reference}/status/"
    refused = client.post(status, {"status": "in_progress", "version": visit.version})
    assert [link["href"] for link in soup(refused).select("[role=alert] a")] == [page_of(visit)]

    for _ in range(2):
        assert client.post(page_of(visit), {"document": "passport"}).status_code == 302

    entry = Entry.objects.get()
    body = json.loads(Opener(RecordKey.objects.get(patient=visit.patient)).text(entry, "body"))
    assert (entry.kind, entry.practitioner, entry.visit) == ("identity_check", visit.practitioner, visit)
    assert {name for name in body if body[name]} == {"document", "salt"}
    assert missing_to_start(visit, entry.recorded_at) == []
    assert client.post(status, {"status": "in_progress", "version": visit.version}).status_code == 302


@pytest.mark.parametrize("sent", [{}, {"document": "P123456"}])
def test_it_says_which_or_is_not_signed(visit, sent):
    answer = browser(visit.practitioner).post(page_of(visit), sent)

    assert answer.status_code == 422
    assert soup(answer).select_one(".field--error")
    assert not Entry.objects.exists()


def test_who_signed_in_long_ago_is_asked_again(visit):
    stale = Client()
    stale.force_login(visit.practitioner.user)

    assert "reauthenticate" in stale.post(page_of(visit), {"document": "passport"}).url
    assert not Entry.objects.exists()


def test_of_anothers_patient_there_is_no_such_page(visit):
    assert browser(clinician()).get(page_of(visit)).status_code == 404
