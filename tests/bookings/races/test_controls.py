"""The races would notice: each promise is broken on purpose, and what it prevents must be found within seconds."""

import contextlib
from functools import partial
from time import monotonic

import pytest
from django.db import connection, transaction

from bookings.engine.booking import book
from bookings.engine.changes import move
from bookings.engine.placement import place
from bookings.engine.transactions import PRACTITIONER_CONSTRAINT, lock_practitioners
from bookings.visits.models import Appointment
from bookings.visits.refusals import Busy
from clinic.practitioners.models import Practitioner
from tests.bookings.moments import NOW, at, details
from tests.bookings.races.track import SLOWEST_SECONDS, days, deadlocks, overlaps
from tests.factories.clinic import TreatmentFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
PATIENCE_SECONDS = 15
HOURS = (9, 11, 13, 15)


@pytest.fixture
def treatment(transactional_db):
    """No room: its lock would do the work of the lock that is taken away."""
    return TreatmentFactory()


@contextlib.contextmanager
def without_the_constraint():
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE bookings_appointment DROP CONSTRAINT {PRACTITIONER_CONSTRAINT}")
    try:
        yield
    finally:
        Appointment.objects.all().delete()
        constraint = next(each for each in Appointment._meta.constraints if each.name == PRACTITIONER_CONSTRAINT)
        with connection.schema_editor() as editor:
            editor.add_constraint(Appointment, constraint)


def times():
    return [at(hour, **day) for day in days(40) for hour in HOURS]


def rounds_until(found, a_round):
    """Run rounds until one finds something."""
    ends = monotonic() + PATIENCE_SECONDS
    for number, starts_at in enumerate(times()):
        a_round(number, starts_at)
        if found():
            return True
        if monotonic() > ends:
            break
    return False


def want(treatment, nurse, starts_at, people):
    return [
        partial(book, treatment=treatment, practitioner=nurse, starts_at=starts_at, details=details(n), now=NOW)
        for n in people
    ]


def test_without_lock_and_constraint_visits_overlap(treatment, nurses, tracks, monkeypatch):
    monkeypatch.setattr("bookings.engine.locks.lock_practitioners", lambda ids: [])
    track = tracks(8)

    def a_round(number, starts_at):
        track.race(*want(treatment, nurses[0], starts_at, range(number * 8, number * 8 + 8)))

    with without_the_constraint():
        assert rounds_until(overlaps, a_round)


def test_a_lock_taken_after_the_look_does_not_replace_the_constraint(treatment, nurses, tracks, monkeypatch):
    def place_late(appointment, slot, now):
        lock_practitioners([slot.practitioner_id])
        place(appointment, slot, now)

    monkeypatch.setattr("bookings.engine.booking.lock_diaries", lambda *asked: None)
    monkeypatch.setattr("bookings.engine.booking.place", place_late)
    track = tracks(8)

    def a_round(number, starts_at):
        track.race(*want(treatment, nurses[0], starts_at, range(number * 8, number * 8 + 8)))

    with without_the_constraint():
        assert rounds_until(overlaps, a_round)


@pytest.mark.proof
def test_without_the_lock_the_constraint_alone_makes_them_wait_for_each_other(treatment, nurses, tracks, monkeypatch):
    """Correct still, but sessions that insert first and check second wait in a ring; most surely when one rolls back."""
    monkeypatch.setattr("bookings.engine.locks.lock_practitioners", lambda ids: [])
    monkeypatch.setattr("bookings.engine.transactions.ATTEMPTS", 1)  # one storm is enough
    track, before = tracks(8), deadlocks()

    def a_round(number, starts_at):
        taken_back = [
            partial(_book_and_roll_back, each)
            for each in want(treatment, nurses[0], starts_at, range(number * 8, number * 8 + 4))
        ]
        others = want(treatment, nurses[0], starts_at, range(number * 8 + 4, number * 8 + 8))
        track.race(*map(_busy_at_worst, [*taken_back, *others]))

    assert rounds_until(lambda: _stalls(track, before), a_round)
    assert overlaps() == 0


def _book_and_roll_back(attempt):
    with transaction.atomic():
        attempt()
        transaction.set_rollback(True)


@pytest.mark.proof
def test_locks_taken_in_anyones_own_order_deadlock(treatment, nurses, tracks, monkeypatch):
    """Moves between two diaries in opposite orders, each locking the diary it comes from first."""

    def lock_as_given(ids):
        return [Practitioner.objects.select_for_update(no_key=True).get(pk=pk) for pk in ids]

    monkeypatch.setattr("bookings.engine.changes.lock_practitioners", lock_as_given)
    monkeypatch.setattr("bookings.engine.transactions.ATTEMPTS", 1)
    track, before = tracks(8), deadlocks()
    visits = [
        book(treatment=treatment, practitioner=nurses[n % 2], starts_at=at(9 + n), details=details(n), now=NOW)
        for n in range(8)
    ]

    def change_places(n, day):
        visit = Appointment.objects.with_details().get(pk=visits[n].pk)
        to = nurses[1] if visit.practitioner == nurses[0] else nurses[0]
        return move(appointment=visit, practitioner=to, starts_at=at(9 + n, **day), by_staff=True, now=NOW)

    def a_round(number, starts_at):
        day = {"month": starts_at.month, "day": starts_at.day}
        track.race(*[_busy_at_worst(partial(change_places, n, day)) for n in range(8)])

    assert rounds_until(lambda: _stalls(track, before), a_round)


def _busy_at_worst(attempt):
    """The attempt; who waited in vain is told so, as they should be."""

    def run():
        with contextlib.suppress(Busy):
            return attempt()

    return run


def _stalls(track, before):
    track.flush()
    return deadlocks() > before or track.slowest > SLOWEST_SECONDS
