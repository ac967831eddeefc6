"""However many requests come at once, one visitor keeps as many times and places as one after the other: limit + 0."""

from __future__ import annotations

import pytest

from bookings.engine.booking import hold
from bookings.visits.models import Appointment, VisitorTally
from bookings.visits.models.statuses import Status
from bookings.visits.visitors import HOLDS_FROM_ADDRESS, HOLDS_OF_SESSION, PLACES_OF_PERSON, TooManyKept, Visitor
from bookings.waiting_list.entries import join
from bookings.waiting_list.models import WaitingEntry
from clinic.core import clock
from tests.bookings.moments import NOW, details
from tests.bookings.races.test_bookings import hours
from tests.bookings.races.track import tally
from tests.factories.clinic import TreatmentFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
LANES, TRIES = 16, 64


def refused_or(attempt):
    try:
        return attempt()
    except TooManyKept as refusal:
        return refusal


@pytest.fixture
def race(tracks):
    track = tracks(LANES)

    def run(attempts):
        rounds = [attempts[n : n + LANES] for n in range(0, len(attempts), LANES)]
        return [
            result
            for few in rounds
            for result in track.race(*[lambda attempt=attempt: refused_or(attempt) for attempt in few])
        ]

    return run


def keeping(treatment, nurse, visitors):
    return [
        lambda at=at, visitor=visitor: hold(
            treatment=treatment, practitioner=nurse, starts_at=at, now=NOW, visitor=visitor
        )
        for at, visitor in zip(hours(TRIES), visitors, strict=True)
    ]


def test_an_address_keeps_no_more_times_than_its_limit(treatment, nurses, race):
    results = race(keeping(treatment, nurses[0], [Visitor("203.0.113.7", f"session {n}") for n in range(TRIES)]))

    assert tally(results) == {"won": HOLDS_FROM_ADDRESS, "TooManyKept": TRIES - HOLDS_FROM_ADDRESS}
    assert Appointment.objects.filter(status=Status.HELD).count() == HOLDS_FROM_ADDRESS


def test_a_session_keeps_no_more_times_than_its_limit_and_the_latest_stay(treatment, nurses, race):
    results = race(keeping(treatment, nurses[0], [Visitor(f"203.0.113.{n}", "one") for n in range(TRIES)]))

    kept = Appointment.objects.filter(status=Status.HELD).values_list("pk", flat=True)
    assert tally(results) == {"won": TRIES}
    assert sorted(kept) == sorted(hold.pk for hold in results)[-HOLDS_OF_SESSION:]


def test_a_mailbox_waits_for_no_more_than_its_limit(nurses, race):
    today = clock.today(NOW)
    wishes = {"first_day": today, "last_day": today, "weekdays": [1], "parts": ["morning"], "practitioners": []}
    treatments = TreatmentFactory.create_batch(LANES)
    nurses[0].treatments.add(*treatments)

    def waiting(n, treatment):
        person = details(1, email=f"Sam+{n}@example.com", full_name=f"Sam Lee {n}")
        return join(treatment=treatment, details=person, now=NOW, visitor=Visitor(f"203.0.113.{n}"), **wishes)

    results = race([lambda n=n, one=one: waiting(n, one) for n, one in enumerate(treatments)])

    assert sum(isinstance(result, TooManyKept) for result in results) == LANES - PLACES_OF_PERSON
    assert WaitingEntry.objects.count() == VisitorTally.objects.count() == PLACES_OF_PERSON
