"""The interface's availability costs little more than its statement, and history costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from statistics import median

from benchmarks import records
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import bare_connection
from benchmarks.web import Client, get, server
from bookings.engine.availability import question, sql
from clinic.catalogue.models import Treatment
from clinic.core import clock

DAYS = 30


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians in milliseconds."""

    bare: float
    over_http: float
    slots: int


def with_little_history(scale: Scale) -> Row:
    return _row("availability-100k", scale.little_history, scale)


def with_large_history(scale: Scale) -> Row:
    return _row("availability-1m", scale.large_history, scale)


def growth(scale: Scale) -> Row:
    """The bare statement before and after the history has grown tenfold."""
    little, large = (_measure(visits, scale.questions) for visits in scale.growth)
    before, after = scale.growth
    return Row(
        name="availability-history",
        figure=large.bare,
        unit="ms",
        floor=little.bare,
        goal=Goal(of="ratio", sign="≤", limit=1.2),
        also={},
        note=f"the bare statement, {after:,} visits against {before:,} (SCALE=full: 10,000,000 against 1,000,000); "
        f"made in {records.seconds_to_fill:.0f} s",
    )


def _row(name: str, visits: int, scale: Scale) -> Row:
    measured = _measure(visits, scale.questions)
    return Row(
        name=name,
        figure=measured.over_http,
        unit="ms",
        floor=measured.bare,
        goal=Goal(of="ratio", sign="≤", limit=3),
        also={},
        note=f"GET availability, {DAYS} days x {records.PRACTITIONERS} practitioners, {measured.slots} slots, "
        f"{visits:,} visits, over HTTP; floor: the same statement by psycopg, fetched",
    )


@cache
def _measure(visits: int, questions: int) -> Measured:
    records.fill(visits)
    today = clock.today()
    first, last = today + timedelta(days=1), today + timedelta(days=DAYS)
    request = get(f"/api/v1/availability?treatment={records.TREATMENT}&from={first}&to={last}")
    treatment = Treatment.objects.get(slug=records.TREATMENT)
    asked = question.question_of(treatment=treatment, first_day=first, last_day=last, now=clock.now())
    bare, over_http = [], []
    with bare_connection() as connection, server() as port:
        client, statement = Client(port), _statement()
        for number in range(questions + 20):
            bare.append(_milliseconds(lambda: connection.execute(statement, asked).fetchall()))
            over_http.append(_milliseconds(lambda: client.ask(request)))
            if number == 20:  # both are warm
                bare, over_http = [], []
        slots = len(client.ask(request).json()["slots"])
        assert slots == len(connection.execute(statement, asked).fetchall())
    return Measured(median(bare), median(over_http), slots)


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _statement() -> str:
    """As the interface asks it for the benchmark's treatment, which needs a room."""
    return sql.statement(sql.IN_ORDER, avoids_short_gaps=False, needs_room=True, needs_device=False)
