"""What a patient's own pages cost, and what their answers give away by the time that they take."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from statistics import median, quantiles

from django.conf import settings
from django.test import override_settings

from benchmarks import replay
from benchmarks.portal import people
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import bare_connection
from bookings.online.views.find_record import NOT_FOUND
from clinic.accounts.models import User
from clinic.core import clock
from clinic.privacy import copies
from clinic.privacy.models import DataCopy

VISITS, MOST_STATEMENTS = 200, 8
TRIES = 60
YEARS_OF_VISITS = 500
SIGN_IN, FIND = "/accounts/login/code/", "/my/find/"
PLAIN = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # no file is collected for a benchmark
_networks = count(1)


def own_page(scale: Scale) -> Row:
    """`/my/` of a patient with a long history, through all of Django."""
    del scale  # the goal names the number of visits
    user = people.account()
    people.visits(people.patient(of=user), VISITS)
    client = people.browser(user)
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": PLAIN}):
        client.get("/my/")
        with replay.recorded() as job:
            answer = client.get("/my/")
        with bare_connection() as server:
            pairs = [(_time(lambda: client.get("/my/")), _time(lambda: replay.run(server, job))) for _ in range(TRIES)]
    assert answer.status_code == 200, answer.status_code
    return Row(
        name="own-page",
        figure=quantiles([took for took, _ in pairs], n=20)[-1],
        unit="ms, p95",
        floor=median(bare for _, bare in pairs),
        goal=Goal(of="figure", sign="≤", limit=60),
        also={f"≤ {MOST_STATEMENTS} statements": len(job) <= MOST_STATEMENTS},
        note=f"/my/ with {VISITS} visits: {len(job)} statements; floor: the same statements by bare psycopg, median",
    )


def anothers_visit(scale: Scale) -> Row:
    """Whether the time of an answer tells another's visit from one that does not exist."""
    del scale
    user = people.account()
    client = people.browser(user)
    there = people.visits(people.patient(), 0)[0].reference
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": PLAIN}):
        return _difference(
            "anothers-visit",
            lambda: client.get(f"/visit/{there}/"),
            lambda: client.get("/visit/ZZZZZZZZ/"),
            most=20,
            what="a page of somebody else's visit, and of none",
        )


def claim(scale: Scale) -> Row:
    """Whether the time of an answer at `/my/find/` tells an address with a record from one without."""
    del scale
    known, unknown = [], []
    for n in range(TRIES):
        known.append(people.account(address=f"known{n}@example.com"))
        people.patient(email=known[-1].email)
        unknown.append(people.account(address=f"unknown{n}@example.com"))
    born = {"date_of_birth_day": "1", "date_of_birth_month": "5", "date_of_birth_year": "1980"}
    said = {"full_name": "Nobody Such", **born}
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": PLAIN}):
        return _difference(
            "claim-timing",
            lambda: _try(FIND, said, user=known.pop(), status=200),
            lambda: _try(FIND, said, user=unknown.pop(), status=200),
            most=10,
            what="looking for a record under an address that has one, and one that has none",
            tries=TRIES // 2,
        )


def sign_in(scale: Scale) -> Row:
    """Whether the time of an answer tells an address with an account from one without."""
    del scale
    known = [people.account(address=f"here{n}@example.com").email for n in range(TRIES)]
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": PLAIN}):
        return _difference(
            "sign-in-timing",
            lambda: _try(SIGN_IN, {"email": known.pop()}),
            lambda: _try(SIGN_IN, {"email": f"nobody{next(_networks)}@example.com"}),
            most=10,
            what="asking for a code to an address with an account, and without",
            tries=TRIES // 2,
        )


def data_copy(scale: Scale) -> Row:
    """A copy of ten years: how long it takes, and whether its memory grows with what there is."""
    del scale
    small, large = (_copied(number) for number in (YEARS_OF_VISITS // 10, YEARS_OF_VISITS))
    return Row(
        name="data-copy",
        figure=large[0],
        unit="s",
        floor=small[0],
        goal=Goal(of="figure", sign="≤", limit=60),
        also={"memory grows less than fourfold": large[1] < 4 * small[1]},
        note=f"{YEARS_OF_VISITS} visits with a note and four messages each: {large[1] / 1e6:.1f} MB at most, "
        f"{small[1] / 1e6:.1f} MB for a tenth of them, which is the floor",
    )


def _copied(number: int) -> tuple[float, int]:
    user = people.account()
    whose = people.patient(of=user)
    people.notes_and_messages(whose, people.visits(whose, number)[1:])
    now = clock.now() + timedelta(seconds=1)
    copy = copies.ask(account=user, patient=whose, now=now)
    tracemalloc.start()
    began = time.perf_counter()
    copies.look(now)
    took, (_, most) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    copy.refresh_from_db()
    assert copy.state == DataCopy.State.READY, copy.state
    copy.path.unlink()
    return took, most


def _try(path: str, said: dict[str, str], *, status: int = 302, user: User | None = None) -> None:
    """From a network that has tried nothing yet, and as long as it has to take."""
    n = next(_networks)
    client = people.browser(user, address=f"198.18.{n // 250}.{n % 250 + 1}")
    answer = client.post(path, said)
    assert answer.status_code == status, (path, answer.status_code)
    assert user is None or NOT_FOUND.encode() in answer.content


def _difference(
    name: str, there: Callable[[], object], missing: Callable[[], object], *, most: float, what: str, tries: int = TRIES
) -> Row:
    """One after the other each time; the difference of the medians, in milliseconds."""
    there()
    missing()
    pairs = [(_time(there), _time(missing)) for _ in range(tries)]
    first, second = median(one for one, _ in pairs), median(other for _, other in pairs)
    return Row(
        name=name,
        figure=abs(first - second),
        unit="ms apart",
        floor=second,
        goal=Goal(of="figure", sign="≤", limit=most),
        also={},
        note=f"{what}: {first:.1f} and {second:.1f} ms, medians of {tries}",
    )


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
