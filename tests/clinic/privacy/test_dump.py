"""What pg_dump writes of a patient: nothing that is sealed; and after an erasure what must be kept, and no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from bookings.messages.planning import account_letters
from clinic.privacy import erasure, requests
from clinic.privacy.models import DataRequest
from clinic.privacy.people import person_of
from tests.bookings.moments import NOW
from tests.canaries import anywhere, dumped
from tests.clinic.privacy.someone import someone
from tests.clinic.privacy.test_erasure import columns_that_stay
from tests.factories.clinic import StaffFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]
WRITTEN = ("canary needs", "canary contact", "canary visit", "canary noted", "canary wish")


@pytest.fixture(autouse=True)
def _at_a_known_hour(settings, tmp_path):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    settings.COPIES_DIR = tmp_path / "copies"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("is_seen", [False, True])
def test_a_dump_holds_only_what_it_must(is_seen):
    patient, account = someone("canary", is_seen=is_seen)
    assert {word: dumped(word) for word in WRITTEN} == {word: set() for word in WRITTEN}
    assert all(anywhere(word) for word in WRITTEN if is_seen or word != "canary noted")
    assert dumped("canary") >= {("patients_patient", "full_name"), ("bookings_message", "body")}

    erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)
    for waiting in DataRequest.objects.open():  # of whoever was treated; its words are needed until then
        requests.answer(waiting, outcome="canary answer", by=StaffFactory(role="owner"), now=NOW)
    account_letters.forget_old(NOW + timedelta(days=9))  # the last letter

    generated = {("patients_patient", "name_key"), ("patients_patient", "contact_key")}
    left = dumped("canary") - generated
    assert left <= (columns_that_stay() if is_seen else set())
    assert bool(left) == is_seen
