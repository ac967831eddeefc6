"""The desk's quickest questions: does the day on the screen still stand, and who is this caller."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection
from django.test import RequestFactory

from benchmarks import records
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from bookings.desk.models import DayChange, current_version
from bookings.desk.patients.search import found
from bookings.desk.views.version import version
from clinic.accounts.models import User
from clinic.core import clock

NO_CONTENT = 204
READER = User(is_active=True, is_staff=True, is_superuser=True)
MOST_SHOWN = 20  # as the list of patients has on a page
FIRST = [
    "Anna",
    "Bela",
    "Cleo",
    "Dara",
    "Elif",
    "Fern",
    "Gita",
    "Hana",
    "Iris",
    "Jude",
    "Kira",
    "Lena",
    "Mina",
    "Nora",
    "Olga",
    "Pia",
    "Quin",
    "Rosa",
    "Siân",
    "Tess",
]
LAST = [
    "Adler",
    "Birch",
    "Cole",
    "Drake",
    "Eames",
    "Frost",
    "Gould",
    "Hardy",
    "Irwin",
    "Joyce",
    "Kent",
    "Lowe",
    "Moss",
    "Nash",
    "Oakes",
    "Price",
    "Quirk",
    "Reed",
]
_PATIENTS = """
INSERT INTO patients_patient (full_name, email, phone, date_of_birth, contact_by, created_at)
SELECT (%(first)s::text[])[1 + n %% %(firsts)s] || ' ' || (%(last)s::text[])[1 + n / 7 %% %(lasts)s]
       || chr(97 + n %% 26) || chr(97 + n / 26 %% 26),
       'caller' || n || '@example.com', '+4477009' || lpad(n::text, 5, '0'),
       date '1950-01-01' + n %% 18000, 'both', now()
FROM generate_series(0, %(patients)s - 1) n"""


def poll(scale: Scale) -> Row:
    """The view that each open diary asks every four seconds, with nothing new to tell; without session and sign-in."""
    records.fill(scale.large_history)
    day = clock.today() + timedelta(days=3)
    DayChange.objects.bulk_create(DayChange(day=day) for _ in range(1_500))
    user = User.objects.create(email="poll@example.com", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name="desk")[0])
    records.settle()
    asked = {"day": day.isoformat(), "v": current_version(day)}

    def answer() -> int:
        request = RequestFactory().get("/diary/version/", asked)
        request.user = User(pk=user.pk, is_staff=True)  # its roles are read once a request
        return version(request).status_code

    assert answer() == NO_CONTENT
    took = _median(answer, scale.questions)
    bare = _median(_one, scale.questions)
    return Row(
        name="diary-poll",
        figure=took,
        unit="ms",
        floor=bare,
        goal=Goal(of="figure", sign="≤", limit=2),
        also={},
        note=f"a diary that is open asks whether its day still stands; 1,500 changes that day, {scale.large_history:,} "
        "visits; floor: SELECT 1",
    )


def search(scale: Scale) -> Row:
    """The slowest of what staff ask for a caller: a first name, two parts, a number's end, a birthday."""
    known: dict[str, Any] = {"patients": scale.little_history, "first": FIRST, "firsts": len(FIRST)}
    with connection.cursor() as cursor, records.unchecked("patients_patient"):
        cursor.execute(_PATIENTS, known | {"last": LAST, "lasts": len(LAST)})
    records.settle()
    wanted = ["rosa frost", "frost", "sian", "00 123", "12 3 1984", "caller77@example.com"]
    random.Random(1).shuffle(wanted)
    took = {text: _median(partial(_look_for, text), scale.questions // 5) for text in wanted}
    slowest = max(took, key=lambda text: took[text])
    return Row(
        name="patient-search",
        figure=took[slowest],
        unit="ms",
        floor=_median(_one, scale.questions),
        goal=Goal(of="figure", sign="≤", limit=30),
        also={},
        note=f"of {scale.little_history:,} patients; the slowest of {len(wanted)} ways to ask: “{slowest}”; floor: SELECT 1",
    )


def _look_for(text: str) -> None:
    list(found(text, READER)[:MOST_SHOWN])


def _one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _median(work: Callable[[], object], times: int) -> float:
    """Of so many, in milliseconds, after it is warm."""
    found = []
    for number in range(times + 3):
        began = time.perf_counter()
        work()
        if number >= 3:
            found.append((time.perf_counter() - began) * 1000)
    return median(found)
