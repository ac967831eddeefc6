"""Where the answers to a visit stand, as its sheet says it."""

from datetime import timedelta

import pytest

from clinic.core import clock
from clinic.records.answering.states import questions_state
from tests.factories.bookings import AppointmentFactory
from tests.factories.questions import asked_before, reviewed, sent

pytestmark = pytest.mark.django_db


def code(visit, now=None):
    return questions_state(visit, now or clock.now()).code


def test_from_nothing_asked_to_ready_today_alone():
    visit = AppointmentFactory(starts_at=clock.now() + timedelta(hours=2))
    assert code(visit) == "not_needed"
    (form,) = asked_before(visit)
    assert code(visit) == "missing"

    response = sent(form)
    form.state = "submitted"
    form.save()
    assert code(visit) == "to_review"
    reviewed(response, open_flags=2)
    assert questions_state(visit, clock.now()).sentence == "2 flags stand in the health answers."
    reviewed(response)
    assert code(visit) == "ready"
    assert code(visit, clock.now() + timedelta(days=1)) == "to_review"
