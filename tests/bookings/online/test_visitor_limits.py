"""What one visitor may keep at once: times, and places on the waiting list. Races: `tests/bookings/races`."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from bookings.engine.eligibility import details_of
from bookings.online.forms import trap
from bookings.visits import visitors
from bookings.visits.models import Appointment, VisitorTally
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import Reason
from bookings.visits.visitors import HOLDS_FROM_ADDRESS, HOLDS_OF_SESSION, PLACES_OF_PERSON, forget_what_is_over
from bookings.waiting_list import entries as waiting
from bookings.waiting_list.models import WaitingEntry, every_part, every_weekday
from clinic.core import clock
from tests.bookings.online.flow import DETAILS, MONDAY, hold, small_clinic, text
from tests.bookings.online.test_embed import Visitor
from tests.bookings.waiting_list.test_views import WISHES
from tests.factories.clinic import PatientFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
PRESSED_AGAIN = {"again": trap._SIGNER.sign("person")}  # what the page asks of a program without a page
TIMES = [f"2026-11-{day}T{hour:02}:15:00+00:00" for day in (24, 25, 26) for hour in range(9, 17)]


@pytest.fixture(autouse=True)
def place(time_machine, settings):
    time_machine.move_to(MONDAY, tick=False)
    settings.RATE_LIMITS = True
    return small_clinic()


def kept():
    return Appointment.objects.filter(status=Status.HELD)


def from_new_browsers(number, **how):
    return [hold(Client(), at=at, **how) for at in TIMES[:number]]


def test_an_address_that_keeps_many_is_told_what_to_do_and_others_go_on():
    from_new_browsers(HOLDS_FROM_ADDRESS)

    client = Client()
    refused = hold(client, at=TIMES[HOLDS_FROM_ADDRESS])

    assert kept().count() == HOLDS_FROM_ADDRESS
    assert Reason.TOO_MANY_KEPT.label in text(client.get(refused.url))
    other = Client(REMOTE_ADDR="203.0.113.9")
    assert "/book/details/" in hold(other, at=TIMES[HOLDS_FROM_ADDRESS]).url


def test_a_frame_is_counted_by_its_address():
    from_new_browsers(HOLDS_FROM_ADDRESS)

    visitor = Visitor()
    visitor.take(f"{TIMES[HOLDS_FROM_ADDRESS]}|aisha")

    assert Reason.TOO_MANY_KEPT.label in visitor.page
    assert kept().count() == HOLDS_FROM_ADDRESS


def test_times_that_ran_out_count_no_more_and_their_digests_go(time_machine):
    from_new_browsers(HOLDS_FROM_ADDRESS)
    time_machine.shift(timedelta(minutes=11))

    assert "/book/details/" in hold(Client(), at=TIMES[HOLDS_FROM_ADDRESS]).url
    assert forget_what_is_over(clock.now()) == HOLDS_FROM_ADDRESS
    assert VisitorTally.objects.count() == 1


def test_a_visitor_who_changes_their_mind_keeps_one_time(client):
    for at in TIMES[: HOLDS_OF_SESSION + 2]:
        hold(client, at=at)

    assert [visit.starts_at.isoformat() for visit in kept()] == [TIMES[HOLDS_OF_SESSION + 1]]


def test_who_waits_for_much_is_told_what_to_do_with_what_they_typed_kept(client, place):
    wanted = TreatmentFactory.create_batch(PLACES_OF_PERSON + 1, category=place.peel.category)
    answers = []
    for treatment in wanted:
        place.aisha.treatments.add(treatment)
        url = f"/waiting/join/?treatment={treatment.slug}&with=any"
        answers.append(Client().post(url, {**DETAILS, **WISHES, "anyway": "yes", **PRESSED_AGAIN}, follow=True))

    assert WaitingEntry.objects.count() == PLACES_OF_PERSON
    assert "please call us" in text(answers[-1])
    assert DETAILS["full_name"] in text(answers[-1])


def test_whoever_has_shown_who_they_are_is_not_kept_out_by_what_others_typed(place):
    patient = PatientFactory(email="sam@example.com")

    def wait(treatment, *, is_proved, address):
        waiting.join(
            treatment=treatment,
            details=details_of(patient, is_proved=is_proved),
            practitioners=[],
            first_day=date(2026, 11, 24),
            last_day=date(2026, 12, 24),
            weekdays=every_weekday(),
            parts=every_part(),
            now=clock.now(),
            visitor=visitors.Visitor(address),
        )

    for treatment in TreatmentFactory.create_batch(PLACES_OF_PERSON, category=place.peel.category):
        wait(treatment, is_proved=False, address="192.0.2.1")
    with pytest.raises(visitors.TooManyKept):
        wait(place.peel, is_proved=False, address="192.0.2.2")

    wait(place.peel, is_proved=True, address="192.0.2.2")


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_a_program_gets_no_time_beyond_the_limit_in_ten_thousand_tries():
    """Each by a browser of its own, without scripts, from one address; the form is filled in as it should be."""
    for number in range(10_000):
        client = Client(headers={"X-Forwarded-For": f"198.51.100.{number % 250}"})
        client.post("/book/when/?treatment=peel&with=aisha", {"slot": f"{TIMES[number % len(TIMES)]}|aisha"})

    assert kept().count() == HOLDS_FROM_ADDRESS
    assert Session.objects.count() <= HOLDS_FROM_ADDRESS
