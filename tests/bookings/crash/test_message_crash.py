"""Real loops killed while they send: nothing lost, nothing doubled but what the design says. `make bench` does it large.

MESSAGE_CRASHES=<messages>,<kills> makes it larger.
"""

from __future__ import annotations

import os

import pytest

from benchmarks import message_crash, provider
from clinic.core.models import ClinicSettings
from tests.factories.bookings import LocationFactory
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
MESSAGES, KILLS = (int(number) for number in os.environ.get("MESSAGE_CRASHES", "200,4").split(","))


@pytest.fixture(autouse=True)
def _clinic(db):
    ClinicSettings.load()
    LocationFactory()
    PractitionerFactory(offers=[TreatmentFactory()])


def crash(directory, faults, **how):
    with provider.running(directory, faults, of=50, **how) as double:
        return message_crash.run(double, directory, messages=MESSAGES // 2, kills=KILLS // 2)


def test_with_a_provider_that_knows_repeats_nothing_is_doubled_whatever_goes_wrong(tmp_path):
    outcome = crash(tmp_path, (*provider.CLEAN, *provider.DOUBTFUL), is_idempotent=True)

    assert (outcome.lost, outcome.untrue) == ([], [])
    assert (outcome.doubled_mails, outcome.doubled_texts) == (0, 0)


def test_with_one_that_does_not_a_kill_doubles_one_email_at_most_and_no_text(tmp_path):
    outcome = crash(tmp_path, provider.CLEAN)

    assert (outcome.lost, outcome.untrue, outcome.doubled_texts) == ([], [], 0)
    assert outcome.doubled_mails <= outcome.interruptions
