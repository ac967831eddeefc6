"""Threads that start together, each on a connection of its own, and what must hold whoever wins."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import perf_counter

from django.db import connection, connections

from bookings.visits.models import Appointment
from bookings.visits.refusals import PatientBusy, SlotTaken
from tests.bookings.moments import at

SLOWEST_SECONDS = 2.0
PUBLIC_HOLIDAYS = {(3, 26), (3, 29)}
REFUSALS = (SlotTaken, PatientBusy)

# What each test makes; the sum is asserted (test_enough.py), and so is each number when its test ends.
ATTEMPTS = {
    "test_many_want_one_time": 448,
    "test_many_want_any_practitioner_and_there_are_fewer_rooms_or_devices": 384,
    "test_one_patient_books_on_two_phones": 160,
    "test_one_request_is_sent_many_times": 128,
    "test_f6_one_new_person_is_one_record_however_they_write_their_name": 48,
    "test_f1_one_draft_is_tapped_at_several_times_at_once": 64,
    "test_f1_one_draft_is_tapped_and_confirmed_many_times": 128,
    "test_visits_change_places_and_want_the_same_time": 192,
    "test_a_time_is_cancelled_and_wanted_by_others": 256,
    "test_a_cancelled_visit_is_put_back_while_others_want_its_time": 96,
    "test_a_time_is_held_then_confirmed_twice_while_others_want_it": 240,
    "test_a_dead_hold_is_confirmed_while_others_want_its_time": 160,
    "test_two_tabs_book_what_follows_a_visit": 64,
    "test_an_import_runs_twice_beside_online_bookings": 200,
}


class Track:
    """The same `lanes` threads, round after round; what each attempt gave or raised, and how long it took."""

    def __init__(self, lanes):
        self.lanes = lanes
        self.attempts, self.slowest = 0, 0.0
        self._pool = ThreadPoolExecutor(lanes)
        self._together(connection.ensure_connection)

    def race(self, *runners):
        """Run as many attempts as there are lanes, from one barrier; the results in their order."""
        assert len(runners) == self.lanes
        barrier = Barrier(self.lanes, timeout=30)

        def run(attempt):
            barrier.wait()
            began = perf_counter()
            try:
                result = attempt()
            except REFUSALS as refusal:
                result = refusal
            return result, perf_counter() - began

        finished = list(self._pool.map(run, runners))
        self.attempts += len(finished)
        self.slowest = max(self.slowest, *(seconds for _, seconds in finished))
        return [result for result, _ in finished]

    def flush(self):
        """Make every lane's connection report its deadlocks now; it would within a second."""
        self._together(_flush)

    def close(self):
        self._together(connections.close_all)
        self._pool.shutdown()

    def _together(self, work):
        """Once in each thread: they wait for each other, so that none does it twice."""
        barrier = Barrier(self.lanes, timeout=30)
        list(self._pool.map(lambda _: (barrier.wait(), work()), range(self.lanes)))


def _flush():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")


def deadlocks():
    """How many this database has seen. Flush the lanes first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def overlaps():
    """Pairs of active visits that share a practitioner, room, device or patient; counted from the rows, by no index."""
    with connection.cursor() as cursor:
        for plan in ("indexscan", "indexonlyscan", "bitmapscan"):
            cursor.execute(f"SET enable_{plan} = off")
        cursor.execute(
            "WITH active AS (SELECT id, practitioner_id, room_id, device_id, patient_id, during, occupied"
            " FROM bookings_appointment WHERE status NOT IN ('cancelled', 'expired', 'no_show'))"
            " SELECT count(*) FROM active a JOIN active b ON a.id < b.id AND a.occupied && b.occupied WHERE"
            " a.practitioner_id = b.practitioner_id OR a.room_id = b.room_id OR a.device_id = b.device_id"
            " OR (a.patient_id = b.patient_id AND a.during && b.during)"
        )
        found = cursor.fetchone()[0]
        for plan in ("indexscan", "indexonlyscan", "bitmapscan"):
            cursor.execute(f"RESET enable_{plan}")
        return found


def days(rounds):
    """As many working days from Wednesday 3 March 2027 on, the 1st being a Monday: arguments for `at`."""
    dates = [(month, day) for month, last in ((3, 31), (4, 30)) for day in range(1, last + 1)]
    working = [
        date for date in dates if date not in PUBLIC_HOLIDAYS and at(9, month=date[0], day=date[1]).isoweekday() <= 5
    ]
    return [{"month": month, "day": day} for month, day in working[2:][:rounds]]


def tally(results):
    """How many won, and how many were refused in which way: `{"won": 1, "SlotTaken": 15}`."""
    return Counter("won" if isinstance(result, Appointment) else type(result).__name__ for result in results)


def winners(results):
    return [result for result in results if isinstance(result, Appointment)]


def all_were_offered_three(results):
    return all(len(result.alternatives) == 3 for result in results if isinstance(result, SlotTaken))
