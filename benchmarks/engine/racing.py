"""Many want one time: one gets it, nobody waits long, nothing deadlocks, and no diary ever overlaps."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from statistics import median, quantiles
from typing import Any

from django.db import connection

from benchmarks import records
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.web import Answer, Client, all_at_once, get, post, server
from bookings.desk.importing import lines as import_lines
from bookings.desk.importing import visits as importing
from bookings.engine import booking, changes
from bookings.engine.eligibility import PatientDetails
from bookings.visits.models import Appointment
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError

CLIENTS, THREADS = 32, 16
KINDS = ("book", "book", "hold", "confirm", "confirm_again", "come_late", "move", "drag", "cancel", "rebook", "import")


class NothingThere(DomainError):
    """Everything was cancelled a moment ago."""


_numbers = itertools.count(1)
_held: deque[tuple[Appointment, PatientDetails]] = deque(maxlen=THREADS)  # what others may confirm at the same time


def one_slot(scale: Scale) -> Row:
    """32 clients post the same time at once, round after round."""
    records.fill(scale.little_history)
    with server() as port:
        clients = [Client(port) for _ in range(CLIENTS)]
        times = _free_times(clients[0])
        before = _deadlocks()
        alone = [clients[n % CLIENTS].ask(_booking(next(times))) for n in range(scale.rounds + 20)][20:]
        rounds = [_round(clients, next(times)) for _ in range(scale.rounds + 1)][1:]
        time.sleep(1.5)  # backends report what they counted within a second
        deadlocks = _deadlocks() - before
    answers = [answer for answers in rounds for answer in answers]
    slowest = quantiles([answer.seconds * 1000 for answer in answers], n=100)
    return Row(
        name="racing-one-slot",
        figure=slowest[98],
        unit="ms p99",
        floor=median(answer.seconds * 1000 for answer in alone),
        goal=Goal(of="ratio", sign="≤", limit=10),
        also={
            "bookings alone succeed": all(answer.status == 201 for answer in alone),
            "one winner a round": all(_wins(answers) == 1 for answers in rounds),
            "the others are told of three times": all(map(_is_kind, answers)),
            "no deadlock": deadlocks == 0,
        },
        note=f"{CLIENTS} connections POST one slot, {len(rounds)} rounds: {_statuses(answers)}, {deadlocks} deadlocks, "
        f"p50 {slowest[49]:.0f} ms, worst {max(answer.seconds for answer in answers) * 1000:.0f} ms; floor: p50 of one alone",
    )


def attempts(scale: Scale) -> Row:
    """Every way a visit comes to be or changes its time, at random on two crowded diaries; then count what overlaps."""
    records.fill(scale.little_history)
    before, began = _deadlocks(), time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = Counter(pool.map(_attempt, range(scale.attempts)))
    rate = scale.attempts / (time.perf_counter() - began)
    time.sleep(1.5)
    deadlocks = _deadlocks() - before
    errors = sum(count for outcome, count in outcomes.items() if outcome.startswith("error"))
    told = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    return Row(
        name="racing-attempts",
        figure=_overlaps(),
        unit="overlaps",
        floor=0,
        goal=Goal(of="figure", sign="=", limit=0),
        also={"no error": errors == 0, "no deadlock": deadlocks == 0},
        note=f"{scale.attempts:,} random attempts (SCALE=full: 50,000) by {THREADS} threads on two diaries, {rate:.0f}/s, "
        f"{deadlocks} deadlocks: {told}",
    )


def _round(clients: list[Client], starts_at: str) -> list[Answer]:
    return all_at_once(clients, [_booking(starts_at) for _ in clients])


def _wins(answers: list[Answer]) -> int:
    return sum(answer.status == 201 for answer in answers)


def _is_kind(answer: Answer) -> bool:
    return answer.status == 201 or (answer.status == 409 and len(answer.json()["alternatives"]) == 3)


def _statuses(answers: list[Answer]) -> str:
    counted = Counter(answer.status for answer in answers)
    return ", ".join(f"{count} x {status}" for status, count in sorted(counted.items()))


def _free_times(client: Client) -> Iterator[str]:
    """Free starts of one practitioner that do not touch each other, soonest first."""
    first = clock.today() + timedelta(days=1)
    for days in (0, 40):
        span = f"from={first + timedelta(days=days)}&to={first + timedelta(days=days + 39)}"
        for number in range(1, records.PRACTITIONERS + 1):
            found = client.ask(
                get(f"/api/v1/availability?treatment={records.TREATMENT}&practitioner=bench-{number}&{span}")
            ).json()
            yield from (
                slot["starts_at"] + f" bench-{number}"
                for slot in found["slots"]
                if slot["starts_at"][14:16] in {"00", "30"}
            )


def _booking(time_and_practitioner: str) -> bytes:
    starts_at, practitioner = time_and_practitioner.split()
    person = details(next(_numbers))
    return post(
        "/api/v1/bookings",
        {
            "treatment": records.TREATMENT,
            "practitioner": practitioner,
            "starts_at": starts_at,
            "patient": {
                "full_name": person.full_name,
                "email": person.email,
                "phone": person.phone,
                "date_of_birth": "1988-03-27",
            },
            "accept_terms": True,
        },
    )


def details(number: int) -> PatientDetails:
    return PatientDetails(f"Kim Day {number}", f"kim{number}@example.com", "+447700900123", date(1988, 3, 27))


def _attempt(number: int) -> str:
    chance = random.Random(number)
    name = chance.choice(KINDS)
    try:
        globals()[f"_{name}"](chance)
    except DomainError as refusal:
        return f"{name}: {type(refusal).__name__}"
    except Exception as error:  # noqa: BLE001 -- counted, and a MISS
        return f"error {name}: {type(error).__name__}"
    else:
        return f"{name}: done"
    finally:
        connection.close()


def _asked(chance: random.Random) -> dict[str, Any]:
    """One of two practitioners or any, at a quarter of an hour of one of two days."""
    day = clock.day_bounds(clock.today() + timedelta(days=chance.choice([50, 51])))[0]
    starts_at = day.replace(hour=chance.randrange(9, 17), minute=chance.choice([0, 15, 30, 45]))
    person = chance.choice([*records.practitioners()[:2], None])
    treatment = Treatment.objects.get(slug=records.TREATMENT)
    return {"treatment": treatment, "practitioner": person, "starts_at": starts_at, "now": clock.now()}


def _book(chance: random.Random) -> None:
    booking.book(**_asked(chance), details=details(next(_numbers)))


def _hold(chance: random.Random) -> Appointment:
    return booking.hold(**_asked(chance))


def _confirm(chance: random.Random) -> None:
    held, person = _hold(chance), details(next(_numbers))
    _held.append((held, person))
    booking.confirm(hold=held, details=person, now=clock.now())


def _confirm_again(chance: random.Random) -> None:
    """A second tap, of someone whose first may still be under way."""
    if not (recent := list(_held)):
        raise NothingThere
    held, person = chance.choice(recent)
    booking.confirm(hold=held, details=person, now=clock.now())


def _come_late(chance: random.Random) -> None:
    """Confirm a hold that ran out ten minutes ago."""
    asked = _asked(chance)
    held = booking.hold(**asked | {"now": asked["now"] - timedelta(minutes=20)})
    booking.confirm(hold=held, details=details(next(_numbers)), now=clock.now())


def _move(chance: random.Random) -> None:
    changes.move(appointment=_a_visit(chance), starts_at=_asked(chance)["starts_at"], now=clock.now())


def _drag(chance: random.Random) -> None:
    asked = _asked(chance)
    changes.move(
        appointment=_a_visit(chance),
        starts_at=asked["starts_at"],
        practitioner=asked["practitioner"],
        by_staff=True,
        now=clock.now(),
    )


def _cancel(chance: random.Random) -> None:
    changes.cancel(appointment=_a_visit(chance), now=clock.now())


def _rebook(chance: random.Random) -> None:
    """Cancel, and want the freed time with everyone else."""
    visit = _a_visit(chance)
    changes.cancel(appointment=visit, now=clock.now())
    asked = _asked(chance) | {"practitioner": visit.practitioner, "starts_at": visit.starts_at}
    booking.book(**asked, details=details(next(_numbers)))


def _import(chance: random.Random) -> None:
    asked, person = _asked(chance), details(next(_numbers))
    values = {
        "starts_at": f"{clock.local(asked['starts_at']):%Y-%m-%d %H:%M}",
        "treatment": records.TREATMENT,
        "practitioner": chance.choice(records.practitioners()[:2]).slug,
        "full_name": person.full_name,
        "email": person.email,
        "phone": person.phone,
        "date_of_birth": person.date_of_birth.isoformat(),
        "note": "",
    }
    importing.import_visit(import_lines.read_visit(values, now=asked["now"]), now=asked["now"])


def _a_visit(chance: random.Random) -> Appointment:
    day: datetime = clock.day_bounds(clock.today() + timedelta(days=50))[0]
    coming = Appointment.objects.upcoming(clock.now()).in_span(day, day + timedelta(days=2))
    visits = coming.filter(practitioner__in=records.practitioners()[:2]).with_details()
    found = list(visits)
    if not found:
        raise NothingThere
    return chance.choice(found)


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def _overlaps() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET enable_indexscan = off")  # counted from the rows, not from the constraint's own index
        cursor.execute("SET enable_bitmapscan = off")
        cursor.execute(
            "WITH active AS (SELECT id, practitioner_id, room_id, device_id, patient_id, during, occupied"
            " FROM bookings_appointment"
            " WHERE status NOT IN ('cancelled', 'expired', 'no_show') AND lower(during) > now())"
            " SELECT count(*) FROM active a JOIN active b ON a.id < b.id WHERE"
            " (a.practitioner_id = b.practitioner_id AND a.occupied && b.occupied)"
            " OR (a.room_id = b.room_id AND a.occupied && b.occupied)"
            " OR (a.device_id = b.device_id AND a.occupied && b.occupied)"
            " OR (a.patient_id = b.patient_id AND a.during && b.during)"
        )
        found = int(cursor.fetchone()[0])
        cursor.execute("RESET enable_indexscan")
        cursor.execute("RESET enable_bitmapscan")
        return found
