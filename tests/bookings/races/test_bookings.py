"""Many want one time: exactly as many get it as there is room for, and the others are told of three more."""

from functools import partial

import pytest

from bookings.engine.booking import book
from bookings.engine.idempotency import Idempotency
from bookings.messages.models import Message
from bookings.online import drafts
from bookings.visits.models import Appointment, IdempotencyKey
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import KeyReused
from clinic.patients.models import Patient
from tests.bookings.moments import NOW, at, details
from tests.bookings.races.track import all_were_offered_three, days, overlaps, tally, winners

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def hours(rounds):
    """Times that do not touch each other, four a day."""
    return [at(hour, **day) for day in days(rounds) for hour in (9, 11, 13, 15)][:rounds]


def people(number):
    return range(number * 8, number * 8 + 8)


def test_many_want_one_time(treatment, nurses, track):
    results = []
    for number, starts_at in enumerate(hours(56)):
        asked = {"treatment": treatment, "practitioner": nurses[0], "starts_at": starts_at, "now": NOW}
        results += track.race(*[lambda n=n, asked=asked: book(**asked, details=details(n)) for n in people(number)])

    assert tally(results) == {"won": 56, "SlotTaken": 392}
    assert {visit.starts_at for visit in winners(results)} == set(hours(56))
    assert all_were_offered_three(results)
    assert (Appointment.objects.count(), Patient.objects.count()) == (56, 56)


@pytest.mark.proof
def test_many_want_any_practitioner_and_there_are_fewer_rooms_or_devices(treatment, laser, nurses, track):
    """Three in four name one of three nurses, the others take anyone; there are two rooms, and two lasers."""
    results = []
    for number, starts_at in enumerate(hours(48)):
        asked = {"treatment": [treatment, laser][number % 2], "starts_at": starts_at, "now": NOW}
        results += track.race(
            *[
                lambda n=n, asked=asked: book(**asked, practitioner=[*nurses, None][n % 4], details=details(n))
                for n in people(number)
            ]
        )

    assert tally(results) == {"won": 96, "SlotTaken": 288}
    assert all_were_offered_three(results)
    assert all(visit.room_id or visit.device_id for visit in winners(results))


def test_one_patient_books_on_two_phones(treatment, nurses, track):
    """Four people, each with two nurses at the same time, on the first visit that makes their record."""
    results = []
    for number, day in enumerate(days(20)):
        results += track.race(
            *[
                lambda n=n, day=day, person=number * 4 + n // 2: book(
                    treatment=treatment,
                    practitioner=nurses[n % 2],
                    starts_at=at(9 + n // 2, **day),
                    details=details(person),
                    now=NOW,
                )
                for n in range(track.lanes)
            ]
        )

    assert tally(results) == {"won": 80, "PatientBusy": 80}
    assert Patient.objects.count() == 80


def test_one_request_is_sent_many_times(treatment, nurses, track):
    for number, starts_at in enumerate(hours(16)):
        asked = {"treatment": treatment, "practitioner": None, "starts_at": starts_at, "now": NOW}
        key = Idempotency(f"again-{number}", b"x" * 32)
        answers = track.race(*[lambda a=asked, k=key, n=number: book(**a, details=details(n), idempotency=k)] * 8)
        assert len({answer.pk for answer in answers}) == 1

    assert (Appointment.objects.count(), IdempotencyKey.objects.count()) == (16, 16)
    assert Message.objects.filter(kind="confirmation").count() == 16


def test_overlapping_times_fill_a_diary_once(treatment, nurses, tracks):
    """Whichever comes first of 9:00, 9:15, 9:30 and 9:45, exactly one other fits beside it."""
    wanted = [at(9, minute) for minute in (0, 15, 30, 45)] * 4
    results = tracks(16).race(
        *[
            lambda n=n, when=when: book(
                treatment=treatment, practitioner=nurses[0], starts_at=when, details=details(n), now=NOW
            )
            for n, when in enumerate(wanted)
        ]
    )

    assert tally(results) == {"won": 2, "SlotTaken": 14}
    assert overlaps() == 0


def test_f6_one_new_person_is_one_record_however_they_write_their_name(treatment, nurses, track):
    """Two spellings, two nurses, two hours: both visits stand, on one record made by whoever came first."""
    names = ("Siobhán O'Brien", "siobhan o\u2019brien")
    results = []
    for number, day in enumerate(days(6)):
        results += track.race(
            *[
                lambda n=n, day=day, person=number * 4 + n // 2: book(
                    treatment=treatment,
                    practitioner=nurses[n % 2],
                    starts_at=at(9 + n, **day),
                    details=details(person, full_name=names[n % 2]),
                    now=NOW,
                )
                for n in range(track.lanes)
            ]
        )

    assert tally(results) == {"won": 48}
    assert Patient.objects.count() == 24


@pytest.mark.proof
def test_f1_one_draft_is_tapped_at_several_times_at_once(treatment, nurses, track):
    """F1: two buttons of one page, or of two of its tabs, are on their way at once: the draft keeps one time."""
    for number, day in enumerate(days(8)):
        taps = [
            partial(
                drafts.hold_for,
                f"draft-{number}",
                tap=f"button {lane}",
                treatment=treatment,
                practitioner=nurses[lane % 3],
                starts_at=at(9 + lane, **day),
                now=NOW,
            )
            for lane in range(track.lanes)
        ]
        held = winners(track.race(*taps))

        assert len(held) == track.lanes
        (kept,) = Appointment.objects.filter(status=Status.HELD, pk__in=[hold.pk for hold in held])
        assert kept == drafts.latest_hold(f"draft-{number}")


@pytest.mark.proof
def test_f1_one_draft_is_tapped_and_confirmed_many_times(treatment, nurses, track):
    """F1: one time is kept however often its button is tapped at once, and two people who confirm it do not both win."""

    def confirm(hold, person):
        try:
            return drafts.confirm(hold, details(person), NOW)
        except KeyReused:
            return None

    for number, starts_at in enumerate(hours(8)):
        asked = {"treatment": treatment, "practitioner": nurses[0], "starts_at": starts_at, "now": NOW}
        tap = partial(drafts.hold_for, f"draft-{number}", tap="one button", **asked)
        held = winners(track.race(*[tap] * track.lanes))
        assert len({hold.pk for hold in held}) == 1
        two = people(number)[:2]
        booked = track.race(*[partial(confirm, held[0], two[n % 2]) for n in range(track.lanes)])
        assert sum(visit is None for visit in booked) == track.lanes // 2
        assert len({visit.pk for visit in booked if visit}) == 1

    assert Appointment.objects.filter(status=Status.BOOKED).count() == Appointment.objects.count() == 8
