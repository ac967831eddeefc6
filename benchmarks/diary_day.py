"""A long day at the desk: what its page costs, and whether whoever looks at a leave holds up a booking."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from statistics import median
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.test import Client, override_settings

from benchmarks import records, replay
from benchmarks.portal import people
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import bare_connection
from bookings.engine import changes
from bookings.engine.plans import block as blocks
from bookings.engine.plans.block import Block
from bookings.templatetags import cards
from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.practitioners.models import Practitioner

COLUMNS, VISITS, MINUTES = 6, 60, 10
MOST_STATEMENTS, MOST_KILOBYTES = 8, 40
FULL_DAY, LEAVE_DAY = records.DAYS_AHEAD + 10, records.DAYS_AHEAD + 40  # from today; nobody else is booked then
TRIES = 15
PLAIN = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # no file is collected for a benchmark
_DAY = """
INSERT INTO bookings_appointment (reference, status, during, occupied, note, source, version, created_at,
    was_cancelled_late, link_salt, link_digest, patient_id, practitioner_id, treatment_id, location_id)
SELECT translate('D' || lpad((%(day)s::date - current_date)::text, 3, '0') || lpad(person::text, 4, '0') || lpad(n::text, 2, '0'), '01', 'AB'), 'booked', span, span, '', 'desk', 1, now(),
    false, sha256((%(day)s::date::text || person || '-' || n)::bytea), sha256(('link' || %(day)s::date || person || '-' || n)::bytea),
    %(first_patient)s + (person * %(visits)s + n) %% %(patients)s, person, %(treatment)s, %(location)s
FROM unnest(%(people)s::bigint[]) person CROSS JOIN generate_series(0, %(visits)s - 1) n
CROSS JOIN LATERAL (SELECT (%(day)s::date + time '08:00' + n * make_interval(mins => %(minutes)s)) AT TIME ZONE 'Europe/London' AS at) AS visit
CROSS JOIN LATERAL tstzrange(at, at + make_interval(mins => %(minutes)s)) AS span"""


def page(scale: Scale) -> Row:
    """The day page for the desk through all of Django, six practitioners with sixty visits each."""
    records.fill(scale.large_history)
    day = clock.today() + timedelta(days=FULL_DAY)
    sixth, _ = Practitioner.objects.get_or_create(slug="day-6", defaults={"name": "Nurse 6", "job_title": "Nurse"})
    _fill(day, [*records.practitioners(), sixth])
    _, client = people.at_work("desk")
    address = f"/diary/?day={day.isoformat()}&view=grid"
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": PLAIN}):
        client.get(address)
        with replay.recorded() as job:
            answer = client.get(address)
        with bare_connection() as server:
            took, bare = _medians_in_turn(lambda: client.get(address), lambda: replay.run(server, job))
        anew = _median(lambda: _anew(client, address))
    assert answer.content.count(b'id="g-') == COLUMNS * VISITS
    weighs = len(gzip.compress(answer.content, 6)) / 1000
    return Row(
        name="day-page",
        figure=took,
        unit="ms",
        floor=bare,
        goal=Goal(of="ratio", sign="≤", limit=3),
        also={
            f"≤ {MOST_STATEMENTS} statements": len(job) <= MOST_STATEMENTS,
            f"≤ {MOST_KILOBYTES} kB": weighs <= MOST_KILOBYTES,
        },
        note=f"{COLUMNS} × {VISITS} visits of {scale.large_history:,}: {len(job)} statements, {weighs:.0f} kB gzip, {anew:.0f} ms with every card written anew; "
        "floor: the same statements by bare psycopg",
    )


def _anew(client: Client, address: str) -> None:
    cards.written.cache_clear()
    client.get(address)


def leave(scale: Scale) -> Row:
    """How long a move within a diary takes while someone looks at a day's leave of that very diary."""
    records.fill(scale.little_history)
    day = clock.today() + timedelta(days=LEAVE_DAY)
    nurse = records.practitioners()[0]
    _fill(day, [nurse])
    visits = list(Appointment.objects.filter(practitioner=nurse).in_span(*clock.day_bounds(day)).order_by("during"))
    away, later = visits[-1], clock.day_bounds(day)[0] + timedelta(hours=20)
    alone = _median(lambda: _there_and_back(away, later))
    began, stop, looked = Event(), Event(), []

    def look() -> None:
        start, end = clock.day_bounds(day)
        block = Block(practitioner=nurse, starts_at=start, ends_at=end)
        while not stop.is_set():
            started = time.perf_counter()
            blocks.look(block, now=clock.now(), choices={})
            looked.append((time.perf_counter() - started) * 1000)
            began.set()
        connections.close_all()

    looking = Thread(target=look)
    looking.start()
    began.wait()
    slowest = max(_times(lambda: _there_and_back(away, later)))
    stop.set()
    looking.join()
    return Row(
        name="leave-plan",
        figure=slowest,
        unit="ms",
        floor=alone,
        goal=Goal(of="figure", sign="≤", limit=500),
        also={},
        note=f"the slowest of {TRIES} pairs of moves in a diary whose leave of {VISITS} visits is looked at meanwhile "
        f"({median(looked):.0f} ms a look); floor: a pair with nobody looking",
    )


def _there_and_back(visit: Appointment, later: datetime) -> None:
    now, before = clock.now(), visit.starts_at
    changes.move(appointment=visit, starts_at=later, now=now, by_staff=True)
    changes.move(appointment=visit, starts_at=before, now=now, by_staff=True)


def _fill(day: date, people: list[Practitioner]) -> None:
    numbers: dict[str, Any] = {**records.open_clinic(), **records.first_patient()}
    numbers |= {"day": day, "people": [one.pk for one in people], "visits": VISITS, "minutes": MINUTES}
    with connection.cursor() as cursor, records.unchecked("bookings_appointment"):
        cursor.execute(_DAY, numbers)
    records.settle()


def _medians_in_turn(work: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """Of both, one after the other each time: whatever else slows the machine down slows both."""
    found = [(_time(work), _time(floor)) for _ in range(2 * TRIES)][2:]
    return median(took for took, _ in found), median(bare for _, bare in found)


def _median(work: Callable[[], object]) -> float:
    return median(_times(work))


def _times(work: Callable[[], object]) -> list[float]:
    """Of so many tries, in milliseconds, after it is warm."""
    return [_time(work) for _ in range(TRIES + 2)][2:]


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
