"""Real threads, real locks: what the constraints and the lock order promise, tried."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import perf_counter

import pytest
from django.db import connection, connections

from bookings.domain.booking import book, confirm, hold, move
from bookings.domain.idempotency import Idempotency
from bookings.domain.refusals import SlotTaken
from bookings.models import Appointment, IdempotencyKey
from bookings.models.appointment import Status
from tests.bookings.domain.conftest import NOW, at, details
from tests.factories.bookings import LocationFactory, working_week
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS = 16


@pytest.fixture
def treatment():
    return TreatmentFactory()


@pytest.fixture
def nurses(treatment):
    location = LocationFactory()
    nurses = [PractitionerFactory(offers=[treatment]) for _ in range(2)]
    for nurse in nurses:
        working_week(nurse, location)
    return nurses


def all_at_once(attempts):
    """Run the attempts together from one barrier; what each gave or raised, and how long the slowest took."""
    barrier = Barrier(len(attempts), timeout=30)

    def run(attempt):
        connection.ensure_connection()
        barrier.wait()
        try:
            return attempt()
        except SlotTaken as refusal:
            return refusal
        finally:
            connections.close_all()

    started = perf_counter()
    with ThreadPoolExecutor(len(attempts)) as pool:
        results = list(pool.map(run, attempts))
    return results, perf_counter() - started


def deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def overlaps():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bookings_appointment a JOIN bookings_appointment b ON a.id < b.id"
            " AND a.practitioner_id = b.practitioner_id AND a.occupied && b.occupied"
            " WHERE a.status NOT IN ('cancelled', 'expired') AND b.status NOT IN ('cancelled', 'expired')"
        )
        return cursor.fetchone()[0]


def test_sixteen_people_want_one_slot_and_one_gets_it(treatment, nurses):
    before = deadlocks()
    for round_number, hour in enumerate((9, 11, 13, 15)):
        results, _ = all_at_once(
            [
                lambda n=n, hour=hour: book(
                    treatment=treatment, practitioner=nurses[0], starts_at=at(hour), details=details(n), now=NOW
                )
                for n in range(round_number * THREADS, (round_number + 1) * THREADS)
            ]
        )
        assert sum(isinstance(result, Appointment) for result in results) == 1
        assert all(len(result.alternatives) == 3 for result in results if isinstance(result, SlotTaken))
    assert overlaps() == 0
    assert deadlocks() == before


def test_overlapping_times_of_any_practitioner_fill_each_diary_once(treatment, nurses):
    wanted = [at(9, minute) for minute in (0, 15, 30, 45)] * 4
    results, _ = all_at_once(
        [
            lambda n=n, when=when: book(
                treatment=treatment, practitioner=None, starts_at=when, details=details(n), now=NOW
            )
            for n, when in enumerate(wanted)
        ]
    )

    assert 2 <= sum(isinstance(result, Appointment) for result in results) <= 4
    assert overlaps() == 0


def test_moves_between_two_practitioners_in_opposite_orders_do_not_deadlock(treatment, nurses):
    before = deadlocks()
    visits = [
        book(treatment=treatment, practitioner=nurses[n % 2], starts_at=at(9 + n // 2), details=details(n), now=NOW)
        for n in range(THREADS)
    ]
    all_at_once(
        [
            lambda n=n, visit=visit: move(
                appointment=visit, practitioner=nurses[(n + 1) % 2], starts_at=at(9 + n // 2, 30), now=NOW
            )
            for n, visit in enumerate(visits)
        ]
    )

    assert overlaps() == 0
    assert deadlocks() == before
    assert Appointment.objects.filter(version=2).count() == THREADS


def test_holds_and_bookings_on_one_slot_leave_one(treatment, nurses):
    def hold_and_confirm(n):
        held = hold(treatment=treatment, practitioner=nurses[0], starts_at=at(9), now=NOW)
        return confirm(hold=held, details=details(n), now=NOW)

    results, _ = all_at_once([lambda n=n: hold_and_confirm(n) for n in range(THREADS)])

    assert sum(isinstance(result, Appointment) for result in results) == 1
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 1


def test_one_request_sent_sixteen_times_books_once(treatment, nurses):
    key = Idempotency("again", b"x" * 32)
    results, _ = all_at_once(
        [
            lambda: book(
                treatment=treatment,
                practitioner=None,
                starts_at=at(9),
                details=details(),
                now=NOW,
                idempotency=key,
            )
        ]
        * THREADS
    )

    assert {result.pk for result in results} == {Appointment.objects.get().pk}
    assert IdempotencyKey.objects.count() == 1


def test_one_confirm_pressed_sixteen_times_books_once(treatment, nurses):
    held = hold(treatment=treatment, practitioner=nurses[0], starts_at=at(9), now=NOW)
    results, _ = all_at_once([lambda: confirm(hold=held, details=details(), now=NOW)] * THREADS)

    assert {result.pk for result in results} == {held.pk}


def test_without_its_constraint_and_lock_the_race_is_lost(treatment, nurses, monkeypatch):
    """The control: this suite would notice. Without the lock and the constraint, two people win."""
    monkeypatch.setattr("bookings.domain.claims.lock_practitioners", lambda ids: [])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE bookings_appointment DROP CONSTRAINT practitioner_sees_one_patient_at_a_time")
    try:
        found = 0
        for hour in range(9, 16):
            all_at_once(
                [
                    lambda n=n, hour=hour: book(
                        treatment=treatment, practitioner=nurses[0], starts_at=at(hour), details=details(n), now=NOW
                    )
                    for n in range(hour * THREADS, (hour + 1) * THREADS)
                ]
            )
            found = overlaps()
            if found:
                break
        assert found > 0
    finally:
        Appointment.objects.all().delete()
        constraint = next(c for c in Appointment._meta.constraints if c.name.startswith("practitioner_sees"))
        with connection.schema_editor() as editor:
            editor.add_constraint(Appointment, constraint)
