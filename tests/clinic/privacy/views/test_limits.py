"""A patient asks that their data be used for less: an owner does so, and ends it again, and each time they are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from bookings.messages.models import Message
from bookings.messages.planning import account_letters
from bookings.visits.access import limited
from clinic.privacy import erasure, requests
from clinic.privacy.models import DataRequest, LimitedRecord
from clinic.privacy.people import limited_among, person_of
from tests.bookings.moments import NOW
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
LIST = "/diary/requests/"


@pytest.fixture(autouse=True)
def _at_a_known_hour(settings, tmp_path):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def patient():
    return PatientFactory(full_name="Ann Quill", email="ann@example.com")


@pytest.fixture
def asked(patient):
    return requests.take_in(
        "restrict", channel="letter", patient=patient, words="Use less", received_on=NOW.date(), now=NOW
    )


def both_say(patient):
    """The two ways in which the rule is asked for, which must agree."""
    by_rows, by_statement = patient.pk in limited_among([patient.pk]), limited(patient=patient).exists()
    assert by_rows == by_statement
    return by_rows


def subjects():
    return [account_letters.letter_of(one).subject for one in Message.objects.order_by("created_at")]


def test_an_owner_limits_it_and_ends_it_and_the_patient_is_told(browser, patient, asked):
    owner, desk = browser(StaffFactory(role="owner")), browser(StaffFactory(role="desk"))
    address, record = f"{LIST}{asked.reference}/", f"/diary/patients/{patient.reference}/"
    assert "Limit it now" in owner.get(address).text
    assert desk.post(address, {"do": "limit"}).status_code == 403

    owner.post(address, {"do": "limit"})

    row = DataRequest.objects.get()
    assert (row.state, "use your record for less" in row.outcome) == ("answered", True)
    assert both_say(patient)
    assert desk.get(record).status_code == desk.get(address).status_code == 404
    assert "Ann Quill" not in desk.get(LIST).text
    assert desk.get(f"{LIST}new/{patient.reference}/").status_code == 404
    assert "until an owner ends it" in " ".join(owner.get(record).text.split())
    AppointmentFactory(patient=patient, starts_at=NOW + timedelta(days=9))
    assert both_say(patient)  # a visit does not end it

    end = f"{LIST}limits/{patient.reference}/end/"
    assert desk.post(end).status_code == 403
    owner.post(end)
    owner.post(end)

    assert not both_say(patient)
    assert desk.get(record).status_code == 200
    assert subjects() == ["We have your request", "Our answer to your request", "How we use your data from now on"]


def test_what_has_to_be_kept_after_an_erasure_is_not_ended_by_hand(browser, patient):
    visit = AppointmentFactory(patient=patient, status="completed", starts_at=NOW - timedelta(days=30))
    type(visit).objects.filter(pk=visit.pk).update(created_at=NOW - timedelta(days=40))
    LimitedRecord.objects.create(patient=patient, since=NOW - timedelta(days=1))
    erasure.erase(person_of(patient=patient), now=NOW, by=None)  # also of one who asked for less use before
    owner = browser(StaffFactory(role="owner"))

    owner.post(f"{LIST}limits/{patient.reference}/end/")

    assert LimitedRecord.objects.get().until is not None
    assert both_say(patient)
    AppointmentFactory(patient=patient, starts_at=NOW + timedelta(days=9), created_at=NOW + timedelta(hours=1))
    type(visit).objects.exclude(pk=visit.pk).update(created_at=NOW + timedelta(hours=1))
    assert not both_say(patient)  # they came back


def test_nothing_else_is_done_in_this_way(patient):
    other = requests.take_in("object", channel="letter", patient=patient, words="", received_on=NOW.date(), now=NOW)

    with pytest.raises(requests.NotNow):
        requests.limit(other, by=StaffFactory(role="owner"), now=NOW)

    assert not LimitedRecord.objects.exists()
