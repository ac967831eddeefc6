"""Moves by patients and by the desk's drag, cancellations, holds and imports: the same locks, the same promises."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest
from django.db import connection, transaction

from bookings.desk.importing.lines import Line, read_visit
from bookings.desk.importing.visits import check_visits, import_visit
from bookings.engine.booking import book, confirm, hold
from bookings.engine.changes import cancel, move, restore
from bookings.engine.series.courses import book_course
from bookings.engine.series.follow_ups import book_follow_up
from bookings.timetable.models import Room
from bookings.visits.models import Appointment, IdempotencyKey
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import SlotTaken
from clinic.core import clock
from tests.bookings.moments import NOW, at, details
from tests.bookings.races.track import all_were_offered_three, days, deadlocks, tally, winners
from tests.factories.clinic import OfferedTreatmentFactory, TreatmentFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.mark.proof
def test_visits_change_places_and_want_the_same_time(treatment, nurses, track):
    """Eight visits, four of each of two nurses. They all want 15:00 of the other one; then all go to the other one.

    Half are moved by their patients, half by the desk, which may drop a visit on any hour.
    """
    results, swapped = [], []
    calendar, own = days(13), [(9 + n // 2, n % 2 * 30) for n in range(8)]
    visits = [
        book(
            treatment=treatment,
            practitioner=nurses[n % 2],
            starts_at=at(*own[n], **calendar[0]),
            details=details(n),
            now=NOW,
        )
        for n in range(8)
    ]

    def to_the_other(n, when):
        visit = Appointment.objects.with_details().get(pk=visits[n].pk)
        to = nurses[1] if visit.practitioner == nurses[0] else nurses[0]
        return move(appointment=visit, practitioner=to, starts_at=when, by_staff=n in {0, 1, 6, 7}, now=NOW)

    for today, tomorrow in pairwise(calendar):
        results += track.race(*[partial(to_the_other, n, at(15, **today)) for n in range(8)])
        swapped += track.race(*[partial(to_the_other, n, at(*own[n], **tomorrow)) for n in range(8)])

    assert tally(results) == {"won": 24, "SlotTaken": 72}
    assert tally(swapped) == {"won": 96}
    assert all_were_offered_three(results)
    moves = sum(Appointment.objects.values_list("version", flat=True)) - 8
    assert moves == 120


def test_a_time_is_cancelled_and_wanted_by_others(treatment, nurses, track):
    """Two tabs cancel while six others want the time; whoever came too early tries again. One visit stands at the end."""
    asked = {"treatment": treatment, "practitioner": nurses[0], "starts_at": at(11, **days(1)[0]), "now": NOW}
    standing = book(**asked, details=details())
    refused = []
    for number in range(16):
        press = [partial(cancel, appointment=standing, now=NOW)] * 2
        want = [partial(book, **asked, details=details(number * 16 + n)) for n in range(14)]
        first = track.race(*press, *want[:6])
        second = track.race(*want[6:])

        assert {visit.pk for visit in winners(first[:2])} == {standing.pk}
        (standing,) = winners(first[2:] + second)
        refused += first[2:] + second

    assert tally(refused) == {"won": 16, "SlotTaken": 16 * 13}
    assert all_were_offered_three(refused)
    assert Appointment.objects.filter(status=Status.CANCELLED).count() == 16
    assert Appointment.objects.get(status=Status.BOOKED).pk == standing.pk


@pytest.mark.proof
def test_a_cancelled_visit_is_put_back_while_others_want_its_time(treatment, nurses, track):
    """Two tabs undo its cancellation, three patients book the time and three hold it."""
    for number, day in enumerate(days(12)):
        asked = {"treatment": treatment, "practitioner": nurses[0], "starts_at": at(10, **day), "now": NOW}
        off = cancel(appointment=book(**asked, details=details(number * 4)), now=NOW)
        results = track.race(
            *[partial(restore, appointment=off, now=NOW)] * 2,
            *[partial(book, **asked, details=details(number * 4 + n)) for n in (1, 2, 3)],
            *[partial(hold, **asked)] * 3,
        )
        (winner,) = {visit.pk for visit in winners(results)}

        assert tally(results)["won"] == (2 if winner == off.pk else 1)
        assert all_were_offered_three(results[2:])


@pytest.mark.proof
def test_a_time_is_held_then_confirmed_twice_while_others_want_it(treatment, nurses, track):
    refused = []
    for number, day in enumerate(days(15)):
        asked = {"treatment": treatment, "practitioner": nurses[0], "starts_at": at(9, **day), "now": NOW}
        wanted = track.race(*[partial(hold, **asked)] * 8)
        (held,) = winners(wanted)
        results = track.race(
            *[partial(confirm, hold=held, details=details(number), now=NOW)] * 4,
            *[partial(book, **asked, details=details(100 + number * 4 + n)) for n in range(4)],
        )

        assert {visit.pk for visit in winners(results[:4])} == {held.pk}
        refused += [*wanted, *results[4:]]

    assert tally(refused) == {"won": 15, "SlotTaken": 15 * 11}
    assert all_were_offered_three(refused)
    assert Appointment.objects.filter(status=Status.BOOKED).count() == Appointment.objects.count() == 15


def test_a_dead_hold_is_confirmed_while_others_want_its_time(treatment, nurses, track):
    """Its owner comes back after twenty minutes and presses three times; others book or hold the time meanwhile."""
    later = NOW.replace(minute=20)
    for number, day in enumerate(days(20)):
        asked = {"treatment": treatment, "practitioner": nurses[0], "starts_at": at(9, **day)}
        held = hold(**asked, now=NOW)
        results = track.race(
            *[partial(confirm, hold=held, details=details(number * 4), now=later)] * 3,
            *[partial(book, **asked, details=details(number * 4 + n), now=later) for n in (1, 2, 3)],
            *[partial(hold, **asked, now=later)] * 2,
        )
        (winner,) = {visit.pk for visit in winners(results)}

        assert tally(results)["won"] == (3 if winner == held.pk else 1)
        assert all_were_offered_three(results)

    assert Appointment.objects.exclude(status=Status.EXPIRED).count() == 20


@pytest.mark.proof
def test_two_tabs_book_what_follows_a_visit(treatment, nurses, track):
    """F1: each tab chose other times; there is one rest of the course and one follow-up, and every tab is given it."""
    review = TreatmentFactory()
    OfferedTreatmentFactory(practitioner=nurses[0], treatment=review)
    treatment.course_visits, treatment.follow_up = 3, review
    treatment.save()
    for number in range(8):
        first = book(
            treatment=treatment,
            practitioner=nurses[0],
            starts_at=at(9 + number, **days(1)[0]),
            details=details(number),
            now=NOW,
        )
        later = days(7)[-6:]
        courses = [
            partial(book_course, first, [at(9 + number, **later[n]), at(9 + number, 30, **later[n])], NOW)
            for n in range(4)
        ]
        follow_ups = [
            partial(book_follow_up, visit=first, starts_at=at(9 + number, 30 * (n % 2), **later[4 + n // 2]), now=NOW)
            for n in range(4)
        ]
        results = track.race(*courses, *follow_ups)

        assert tally(results) == {"list": 4, "won": 4}
        assert len({tuple(visit.pk for visit in course) for course in results[:4]}) == 1
        assert len({visit.pk for visit in winners(results[4:])}) == 1
        assert first.follow_ups.count() == 3


@pytest.mark.proof
def test_an_import_runs_twice_beside_online_bookings(treatment, nurses, track):
    """Two runs of one file, a check of it that is rolled back, another line for the same time, and four patients."""
    results = []
    for number, day in enumerate(days(25)):
        starts_at = at(9 + number % 3, **day)
        asked = {"treatment": treatment, "practitioner": nurses[0], "starts_at": starts_at, "now": NOW}
        first, second = (_line(treatment, nurses[0], starts_at, number * 8 + n) for n in (0, 1))
        finished = track.race(
            *[partial(_import, first)] * 2,
            partial(_import, second),
            partial(check_visits, [Line(2, first)], now=NOW),
            *[partial(book, **asked, details=details(number * 8 + n)) for n in (2, 3, 4, 5)],
        )
        results += {result.pk: result for result in winners(finished)}.values()
        assert len({visit.pk for visit in winners(finished)}) == 1
        assert all_were_offered_three(finished)

    assert Appointment.objects.count() == len(results) == 25
    imported = [visit for visit in results if visit.source == "import"]
    assert IdempotencyKey.objects.count() == len(imported)


def _import(values):
    return import_visit(read_visit(values, now=NOW), now=NOW)


def _line(treatment, nurse, starts_at, n):
    person = details(n)
    return {
        "starts_at": f"{clock.local(starts_at):%Y-%m-%d %H:%M}",
        "treatment": treatment.slug,
        "practitioner": nurse.slug,
        "full_name": person.full_name,
        "email": person.email,
        "phone": person.phone,
        "date_of_birth": person.date_of_birth.isoformat(),
        "note": "",
    }


def test_a_dead_hold_that_someone_confirms_is_not_waited_for_with_a_room_in_hand(treatment, nurses):
    """Found by 50,000 random attempts: two who release and confirm a hold waited for each other."""
    Room.objects.filter(pk=Room.objects.latest("pk").pk).delete()
    asked = {"treatment": treatment, "starts_at": at(11, **days(1)[0]), "now": NOW}
    dead = hold(**asked | {"practitioner": nurses[1], "now": NOW - timedelta(minutes=20)})
    deadlocked = deadlocks()

    with ThreadPoolExecutor(1) as other, transaction.atomic():
        list(Appointment.objects.select_for_update().filter(pk=dead.pk))  # as `confirm` does, before it wants a room
        booking = other.submit(
            _on_its_own_connection, partial(book, **asked, practitioner=nurses[0], details=details())
        )
        with pytest.raises(SlotTaken):
            booking.result(timeout=2)  # well within the time after which a statement is given up

    assert book(**asked, practitioner=nurses[0], details=details()).room_id == dead.room_id
    assert deadlocks() == deadlocked


def _on_its_own_connection(work):
    try:
        return work()
    finally:
        connection.close()
