"""The same questions to us and to django-appointment 3.12: five practitioners, 12 visits a weekday, two years of history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection
from django.test import Client

from benchmarks import records
from benchmarks.engine.racing import details
from benchmarks.peers.install import measured
from benchmarks.row import Goal, Row
from benchmarks.scale import SCALES, Scale
from benchmarks.stage import HOST
from benchmarks.web import Client as Racer
from benchmarks.web import all_at_once, post, server
from bookings.timetable.models import Location
from clinic.catalogue.models import Category, Treatment
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.practitioners.models import OfferedTreatment, Practitioner

PRACTITIONERS, VISITS_A_DAY, FULL_DAY, RACERS = 5, 12, 16, 16
PEER = "django-appointment 3.12.0"
_VISITS = """
INSERT INTO bookings_appointment (reference, status, during, occupied, note, source, version, created_at,
    was_cancelled_late, link_salt, link_digest, patient_id, practitioner_id, treatment_id, location_id)
SELECT %(letter)s || n, CASE WHEN upper(span) < now() THEN 'completed' ELSE 'booked' END, span, span, '', 'online', 1,
    now(), false, decode(lpad(to_hex(n), 64, '2'), 'hex'), sha256((%(letter)s || n)::bytea), patient, practitioner,
    %(treatment)s, %(location)s
FROM (
    SELECT row_number() OVER () AS n, who.practitioner, who.patient,
           tstzrange(starts, starts + interval '30 minutes') AS span
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d
    CROSS JOIN unnest(%(practitioners)s::bigint[], %(patients)s::bigint[]) AS who(practitioner, patient)
    CROSS JOIN generate_series(0, %(visits)s::int - 1) AS s
    CROSS JOIN LATERAL (
        SELECT (d::date + time '09:00' + s * interval '30 minutes') AT TIME ZONE 'Europe/London' AS starts
    ) AS at
    WHERE extract(isodow FROM d) <= 5
) AS visits"""


@dataclass(frozen=True, slots=True)
class Took:
    queries: float
    database_ms: float
    ms: float
    answer: Any  # the times or days that were found, on the clock at the clinic


def day(scale: Scale) -> Row:
    """Free times of one practitioner on one day."""
    _diary(scale)
    workday = _workday()
    query = f"treatment=peer-visit&practitioner=peer-1&from={workday}&to={workday}"
    ours = _repeated(20, lambda: _times(f"/api/v1/availability?{query}"))
    return _against("peer-day", "day", scale, ours, "the free times of one practitioner on one day")


def next_free(scale: Scale) -> Row:
    """The next free time of someone who has none for two months."""
    _diary(scale)
    query = "treatment=peer-wanted&practitioner=peer-6&limit=1"
    ours = _repeated(20, lambda: _times(f"/api/v1/availability/next?{query}")[0][:10])
    return _against("peer-next-free", "next", scale, ours, "the next free time on a diary that is full for 60 days")


def month(scale: Scale) -> Row:
    """Any of five practitioners, thirty days: milliseconds in the database."""
    _diary(scale)
    first = clock.today() + timedelta(days=1)
    query = f"treatment=peer-visit&from={first}&to={first + timedelta(days=29)}"
    ours = _repeated(20, lambda: _times(f"/api/v1/availability?{query}"))
    theirs, told = _theirs(scale)
    took = Took(**theirs["month"]) if theirs else None
    return Row(
        name="peer-month",
        figure=ours.database_ms,
        unit="ms in database",
        floor=took.database_ms if took else 0,
        goal=Goal(of="figure", sign="≤", limit=10),
        also=_also(ours, took),
        note=f"30 days of any of 5: {ours.queries:.0f} statements; {told}"
        + (f" asked for each person and day: {took.queries:.0f} statements, {took.ms:.0f} ms in all" if took else ""),
    )


def racing(scale: Scale) -> Row:
    """Sixteen people press the last button for one time."""
    _diary(scale)
    starts_at = f"{_workday()}T16:00:00"
    with server() as port:
        racers = [Racer(port) for _ in range(RACERS)]
        answers = all_at_once(racers, [_booking(starts_at, number) for number in range(RACERS)])
    ours = sum(answer.status == 201 for answer in answers)
    theirs, told = _theirs(scale)
    return Row(
        name="peer-racing",
        figure=ours,
        unit="confirmed",
        floor=theirs["confirmed"] if theirs else 0,
        goal=Goal(of="figure", sign="=", limit=1),
        also={
            "the others are told of three times": all(
                a.status == 201 or (a.status == 409 and len(a.json()["alternatives"]) == 3) for a in answers
            ),
            "the peer was measured": theirs is not None,
        },
        note=f"{RACERS} posts of the last form for one time; {told}"
        + (f" confirms {theirs['confirmed']} of {RACERS}" if theirs else ""),
    )


def _against(name: str, what: str, scale: Scale, ours: Took, question: str) -> Row:
    theirs, told = _theirs(scale)
    took = Took(**theirs[what]) if theirs else None
    return Row(
        name=name,
        figure=ours.ms,
        unit="ms",
        floor=took.ms if took else 0,
        goal=Goal(of="ratio", sign="≤", limit=1),
        also=_also(ours, took),
        note=f"{question}: {ours.queries:.0f} statements; {told}" + (f": {took.queries:.0f}" if took else ""),
    )


def _also(ours: Took, theirs: Took | None) -> dict[str, bool]:
    return {
        "three statements at most": ours.queries <= 3,
        "the peer was measured": theirs is not None,
        "both find the same": theirs is None or _in_order(ours.answer) == _in_order(theirs.answer),
    }


def _in_order(answer: str | list[str]) -> list[str]:
    """Times to the minute, each once, as ours gives one person for a time; or the one day."""
    return sorted({at[:16] for at in ([answer] if isinstance(answer, str) else answer)})


def _theirs(scale: Scale) -> tuple[dict[str, Any] | None, str]:
    found = measured(history_days=_history(scale), ahead_days=90, racers=RACERS, repeats=10)
    if isinstance(found, str):
        return None, f"{PEER} could not be measured: {found}"
    return found, f"{PEER} (Django {found['django']}, {found['visits']:,} visits)"


def _history(scale: Scale) -> int:
    return 30 if scale is SCALES["small"] else 730


@cache
def _diary(scale: Scale) -> None:
    """The peer's diary in ours: people, hours and visits of their own beside those of the other claims."""
    records.fill(1)
    location = Location.objects.get(slug="bench")
    category = Category.objects.get(slug="bench")
    known = {"category": category, "price": 60, "room_kind": "", "slot_step_minutes": 30}
    visit = Treatment.objects.create(name="Peer visit", slug="peer-visit", **known)
    wanted = Treatment.objects.create(name="Peer wanted", slug="peer-wanted", **known)
    people = [_person(number, visit if number <= PRACTITIONERS else wanted) for number in range(1, PRACTITIONERS + 2)]
    today = clock.today()
    ids = {"location": location.pk, "treatment": visit.pk}
    known_as = {"email": "peer@example.com", "phone": "+447700900123", "date_of_birth": date(1988, 3, 27)}
    patients = Patient.objects.bulk_create(Patient(full_name=f"Peer {person}", **known_as) for person in people)
    who = list(zip(people, patients, strict=True))
    _fill(ids, "Q", who[:-1], VISITS_A_DAY, (today - timedelta(days=_history(scale)), today + timedelta(days=90)))
    _fill(ids, "R", who[-1:], FULL_DAY, (today, today + timedelta(days=60)))
    records.settle()


def _person(number: int, treatment: Treatment) -> Practitioner:
    person = Practitioner.objects.create(name=f"Peer {number}", slug=f"peer-{number}", job_title="Nurse")
    OfferedTreatment.objects.create(practitioner=person, treatment=treatment)
    like = records.practitioners()[0]
    for hours in like.working_hours.filter(weekday__lte=5):
        hours.pk, hours.practitioner = None, person
        hours.save()
    return person


Pairs = list[tuple[Practitioner, Patient]]


def _fill(ids: dict[str, int], letter: str, who: Pairs, visits: int, days: tuple[date, date]) -> None:
    asked: dict[str, Any] = {
        "letter": letter,
        "practitioners": [person.pk for person, _ in who],
        "patients": [patient.pk for _, patient in who],
        "visits": visits,
        "first": days[0],
        "last": days[1],
    }
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_VISITS, ids | asked)
        cursor.execute("RESET statement_timeout")


def _workday() -> date:
    """A weekday in a month, as the peer's own script finds it."""
    from_day = clock.today() + timedelta(days=30)
    return next(day for day in (from_day + timedelta(days=n) for n in range(3)) if day.isoweekday() <= 5)


def _times(address: str) -> list[str]:
    answer = Client().get(address, secure=True, headers={"host": HOST})
    assert answer.status_code == 200, answer.content
    return [slot["starts_at"] for slot in answer.json()["slots"]]


def _booking(starts_at: str, number: int) -> bytes:
    person = details(900_000 + number)
    known = {"full_name": person.full_name, "email": person.email, "phone": person.phone, "date_of_birth": "1988-03-27"}
    local = clock.local(clock.day_bounds(date.fromisoformat(starts_at[:10]))[0]).strftime("%z")
    asked = {"treatment": "peer-visit", "practitioner": "peer-1", "starts_at": starts_at + local, "accept_terms": True}
    return post("/api/v1/bookings", asked | {"patient": known})


def _repeated(times: int, work: Callable[[], Any]) -> Took:
    """The medians, after one run to warm up."""
    answer = work()
    taken = [_once(work) for _ in range(times)]
    queries, database_ms, ms = (median(column) for column in zip(*taken, strict=True))
    return Took(queries, database_ms, ms, answer)


def _once(work: Callable[[], Any]) -> tuple[int, float, float]:
    """Statements, milliseconds in the database and on the clock."""
    seconds: list[float] = []

    def note(execute: Callable[..., Any], *statement: Any) -> Any:
        began = perf_counter()
        try:
            return execute(*statement)
        finally:
            seconds.append(perf_counter() - began)

    began = perf_counter()
    with connection.execute_wrapper(note):
        work()
    return len(seconds), sum(seconds) * 1000, (perf_counter() - began) * 1000
