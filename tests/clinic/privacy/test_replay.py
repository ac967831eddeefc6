"""A restored backup brings nobody back who was erased after it."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction

from clinic.accounts.models import User
from clinic.patients.models import Patient
from clinic.privacy import erasure
from clinic.privacy.models import ErasureLog
from clinic.privacy.people import person_of
from clinic.privacy.replay import replay
from tests.bookings.moments import NOW
from tests.canaries import anywhere
from tests.clinic.privacy.someone import someone
from tests.factories.bookings import AppointmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_a_known_hour(settings, tmp_path):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    settings.COPIES_DIR = tmp_path / "copies"
    with time_machine.travel(NOW, tick=False):
        yield


class Restored(Exception):
    """Takes the transaction of an erasure back, as a backup from before it does."""


def erased_then_restored(patient, account):
    def erase_and_lose_it():
        with transaction.atomic():
            erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)
            erasure.note_missing(NOW)
            raise Restored

    with pytest.raises(Restored):
        erase_and_lose_it()


def test_they_are_erased_again_and_a_second_run_finds_nothing(settings):
    someone("other", is_seen=True, number="+447700900555")
    patient, account = someone("canary", is_seen=False)
    erased_then_restored(patient, account)
    assert anywhere("canary")

    told = io.StringIO()
    call_command("replay_erasures", stdout=told)

    assert "Erased again: 1." in told.getvalue()
    assert anywhere("canary") == set()
    assert anywhere("other-mail")
    lines = settings.ERASURES_FILE.read_text().splitlines()
    assert (replay(lines).erased, len(lines), ErasureLog.objects.count()) == (0, 1, 1)


def test_a_new_secret_key_knows_them_still(settings):
    patient, account = someone("canary", is_seen=False)
    erased_then_restored(patient, account)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

    assert replay(settings.ERASURES_FILE.read_text().splitlines()).erased == 1


def test_a_visit_that_the_backup_brought_back_is_told(settings):
    patient, account = someone("canary", is_seen=False)
    erased_then_restored(patient, account)
    AppointmentFactory(patient=patient, starts_at=NOW + timedelta(days=3))

    with pytest.raises(CommandError, match="a visit on"):
        call_command("replay_erasures", stdout=io.StringIO())

    assert Patient.objects.filter(pk=patient.pk).exists()


def test_a_number_that_was_given_anew_is_somebody_else(settings):
    patient, account = someone("canary", is_seen=False)
    erased_then_restored(patient, account)
    User.objects.filter(pk=account.pk).update(date_joined=NOW + timedelta(seconds=1))
    line = json.loads(settings.ERASURES_FILE.read_text())

    done = replay([json.dumps(line | {"patient": ""})])

    assert (done.erased, done.gone) == (0, 1)
