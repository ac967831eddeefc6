"""Power cuts: the database and the web server are killed under load, and no booking that was answered is missing."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import psycopg

from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import HOST, PROJECT, free_port
from clinic.running.embedded import database_url, stop
from clinic.running.embedded.postgres import Postgres

WRITERS, PRACTITIONERS, DAYS = 8, 5, 80
LOAD_SECONDS, PAUSE = 2.0, 0.1
PATIENCE = 90.0
KILLS = ("database", "web server", "both")


@dataclass(frozen=True, slots=True)
class Wish:
    """One slot that nobody else asks for, and the key it is asked with until there is an answer."""

    number: int
    starts_at: str
    practitioner: str

    @property
    def key(self) -> str:
        return f"crash-{self.number}"

    @property
    def email(self) -> str:
        return f"crash{self.number}@example.com"

    def body(self) -> bytes:
        person = {
            "full_name": f"Kim Day {self.number}",
            "email": self.email,
            "phone": "+447700900123",
            "date_of_birth": "1988-03-27",
        }
        wanted = {"treatment": "bench-visit", "practitioner": self.practitioner, "starts_at": self.starts_at}
        return json.dumps({**wanted, "patient": person, "accept_terms": True}).encode()


@dataclass(slots=True)
class Log:
    """What the writers were told; `references` by the wish's number."""

    references: dict[int, str] = field(default_factory=dict)
    last_at: float = 0.0
    retries: int = 0
    refused: list[str] = field(default_factory=list)


def kills(scale: Scale) -> Row:
    """Eight writers book distinct slots over HTTP while what serves them is killed, started again, and so on."""
    with _place() as (postgres, port):
        log, web, wishes = Log(), Web(port), _wishes()
        ending, waits = threading.Event(), []
        try:
            with ThreadPoolExecutor(WRITERS) as pool:
                writers = [pool.submit(_write, port, wishes, log, ending) for _ in range(WRITERS)]
                try:
                    _wait_for_answers(log, 0.0)
                    for what in itertools.islice(itertools.cycle(KILLS), scale.kills):
                        time.sleep(LOAD_SECONDS + random.random())
                        waits.append(_kill_and_start(what, postgres, web, log))
                    time.sleep(LOAD_SECONDS)
                finally:
                    ending.set()
                for writer in writers:
                    writer.result()
        finally:
            web.kill()
        return _row(log, waits, _found(), scale)


class Web:
    """The web server as the image starts it, all of its processes in a group of their own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        size = ["--port", str(self._port), "--workers", "2", "--blocking-threads", "4", "--log-level", "error"]
        with (Path(os.environ["DATA_DIR"]) / "web.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *size, "clinic.wsgi:application"],
                cwd=PROJECT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def _place() -> Iterator[tuple[Postgres, int]]:
    """A PostgreSQL and a clinic of its own; the environment names it until the end."""
    before, directory = dict(os.environ), Path(os.environ["DATA_DIR"]) / "crash"
    try:
        os.environ |= {"DATABASE_URL": database_url(directory), "DATA_DIR": str(directory)}
        subprocess.run([sys.executable, "-m", "benchmarks.crash.booking"], cwd=PROJECT, check=True)
        yield Postgres(directory.resolve() / "postgres"), free_port()
    finally:
        stop(directory)
        os.environ.clear()
        os.environ |= before


def _kill_and_start(what: str, postgres: Postgres, web: Web, log: Log) -> float:
    """Kill -9, start again at once; the seconds until a booking is answered again."""
    if what != "web server":
        _kill_database(postgres)
    if what != "database":
        web.kill()
    began = time.monotonic()
    if what != "web server":
        url = database_url(postgres.directory.parent)
        if url != os.environ["DATABASE_URL"]:
            raise RuntimeError("Another program took the database's port.")
    if what != "database":
        web.start()
    _wait_for_answers(log, time.monotonic())
    return time.monotonic() - began


def _kill_database(postgres: Postgres) -> None:
    """The postmaster and every process of its, at once: none may finish what it does."""
    postmaster = postgres.pid()
    for pid in [postmaster, *_children(postmaster)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, ppid in pairs if int(ppid) == parent]


def _wait_for_answers(log: Log, since: float) -> None:
    ends = time.monotonic() + PATIENCE
    while log.last_at <= since:
        if time.monotonic() > ends:
            raise TimeoutError("No booking was answered any more.")
        time.sleep(0.01)


def _wishes() -> Iterator[Wish]:
    """Half hours from the day after tomorrow on; each writer takes the next one."""
    from clinic.core import clock  # noqa: PLC0415 -- Django is set up by now

    first, numbers = clock.today() + timedelta(days=2), itertools.count()
    for day in (clock.day_bounds(first + timedelta(days=n))[0] for n in range(DAYS)):
        for half_hour, practitioner in itertools.product(range(18, 34), range(1, PRACTITIONERS + 1)):
            starts_at = day.replace(hour=half_hour // 2, minute=half_hour % 2 * 30)
            yield Wish(next(numbers), starts_at.isoformat(), f"bench-{practitioner}")


_taking = threading.Lock()


def _write(port: int, wishes: Iterator[Wish], log: Log, ending: threading.Event) -> None:
    while not ending.is_set():
        with _taking:
            wish = next(wishes)
        _insist(port, wish, log)
        time.sleep(PAUSE)  # there are only so many half hours


def _insist(port: int, wish: Wish, log: Log) -> None:
    """Send the same request with the same key until it is answered."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        status, body = _post(port, wish)
        if status == 201:
            log.references[wish.number] = str(json.loads(body)["reference"])
            log.last_at = time.monotonic()
            return
        if 400 <= status < 500:
            log.refused.append(f"{status} {body[:200]!r}")
            return
        log.retries += 1
        time.sleep(0.1)
    raise TimeoutError(f"{wish.key} was never answered.")


def _post(port: int, wish: Wish) -> tuple[int, bytes]:
    """Status 0 if the line broke before there was a whole answer."""
    headers = {
        "Host": HOST,
        "X-Forwarded-Proto": "https",
        "Content-Type": "application/json",
        "Idempotency-Key": wish.key,
    }
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request("POST", "/api/v1/bookings", wish.body(), headers)
        answer = line.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        line.close()


@dataclass(frozen=True, slots=True)
class Found:
    """What the database holds at the end; visits by reference."""

    visits: dict[str, tuple[str, datetime, str]]
    rows: int
    keys: int
    confirmations: int


def _found() -> Found:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        visits = connection.execute(
            "SELECT a.reference, p.email, lower(a.during), n.slug FROM bookings_appointment a"
            " JOIN patients_patient p ON p.id = a.patient_id"
            " JOIN practitioners_practitioner n ON n.id = a.practitioner_id WHERE a.status = 'booked'"
        ).fetchall()
        counts = connection.execute(
            "SELECT (SELECT count(*) FROM bookings_appointment), (SELECT count(*) FROM bookings_idempotencykey),"
            " (SELECT count(DISTINCT appointment_id) FROM bookings_message WHERE kind = 'confirmation')"
        ).fetchone()
    assert counts
    return Found({reference: (email, at, slug) for reference, email, at, slug in visits}, *counts)


def _row(log: Log, waits: list[float], found: Found, scale: Scale) -> Row:
    missing, acknowledged = 0, len(log.references)
    for wish in itertools.islice(_wishes(), max(log.references) + 1):
        wanted = (wish.email, datetime.fromisoformat(wish.starts_at), wish.practitioner)
        missing += wish.number in log.references and found.visits.get(log.references[wish.number]) != wanted
    return Row(
        name="crash",
        figure=missing,
        unit="lost",
        floor=0,
        goal=Goal(of="figure", sign="=", limit=0),
        also={
            "each key booked once, nothing unexplained": found.rows == found.keys == acknowledged,
            "a confirmation planned for each": found.confirmations == acknowledged,
            f"no refusal ({log.refused[:1]})": not log.refused,
        },
        note=f"acknowledged bookings missing after {scale.kills} x kill -9 of PostgreSQL, the web server or both under "
        f"{WRITERS} writers over HTTP (SCALE=full: 20): {acknowledged:,} acknowledged, {found.rows - acknowledged} extra, "
        f"{log.retries} retries of the same key; bookings answered again after {median(waits):.1f} s, at most {max(waits):.1f} s",
    )


def _prepare() -> None:
    """In a process of its own, on the database that the environment names: a clinic without a visit."""
    import django  # noqa: PLC0415 -- only here
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from benchmarks import records  # noqa: PLC0415 -- models only after the set-up

    records.open_clinic()


if __name__ == "__main__":
    _prepare()
