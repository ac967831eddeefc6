"""All that sends the clinic's messages, each a process of its own that can be killed -9 and started again."""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import psycopg

from benchmarks.stage import PROJECT
from clinic.running import embedded
from clinic.running.embedded.postgres import Postgres
from clinic.running.embedded.server import Address, Server
from clinic.running.embedded.valkey import Valkey

PORTS = range(20_000, 30_000)  # below those that systems give to clients: one of theirs could take a dead server's
CELERY = (sys.executable, "-m", "celery", "--app", "clinic")
COMMANDS = {
    "loop": (sys.executable, "manage.py", "send_messages", "--forever", "--interval", "0.1"),
    "worker": (*CELERY, "worker", "--without-gossip", "--without-mingle", "--concurrency", "1", "--loglevel", "info"),
    "beat": (*CELERY, "beat", "--loglevel", "info", "--pidfile="),
}
SENDERS = ("loop", "worker")
KINDS = (*COMMANDS, "valkey", "postgres")


class Killable(Protocol):
    def kill(self) -> None: ...
    def start(self) -> None: ...


class Process:
    """A program of ours, and whatever it started, in a group of their own."""

    def __init__(self, name: str, environment: dict[str, str], directory: Path) -> None:
        self.log = directory / f"{name}.log"
        self._command, self._environment = COMMANDS[name], environment
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=PROJECT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def has_ended(self) -> bool:
        """By itself, as Celery's worker may when it loses the broker in the middle of a task."""
        return self._process.poll() is not None


class Broker:
    def __init__(self, directory: Path, url: str) -> None:
        self._directory, self._url = directory, url

    def kill(self) -> None:
        _kill(Valkey(self._directory / "valkey").pid())

    def start(self) -> None:
        _is_same(embedded.redis_url(self._directory), self._url)


class Database:
    """Its postmaster dies with all that it started, or one backend dies, and the postmaster recovers by itself."""

    def __init__(self, directory: Path, url: str, chance: random.Random) -> None:
        self._directory, self._url, self._chance = directory, url, chance
        self.recoveries = 0

    def kill(self) -> None:
        postmaster = Postgres(self._directory / "postgres").pid()
        if self._chance.random() < 0.5 and (backend := self._any_backend()):
            self.recoveries += 1
            _kill(backend)
            return
        for pid in [postmaster, *_children(postmaster)]:
            _kill(pid)

    def start(self) -> None:
        _is_same(embedded.database_url(self._directory), self._url)

    def _any_backend(self) -> int:
        with psycopg.connect(self._url, autocommit=True) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchall()
        return self._chance.choice(rows)[0] if rows else 0


class Stage:
    """The two servers run from the start, the three programs from `open` on; `environment` names both servers."""

    def __init__(self, directory: Path, chance: random.Random) -> None:
        self.directory = directory.resolve()
        for server in embedded.servers(self.directory):
            _give_a_port(server, chance)
        self.environment = {
            "DATABASE_URL": embedded.database_url(self.directory),
            "REDIS_URL": embedded.redis_url(self.directory),
            "DATA_DIR": str(self.directory),
            "DJANGO_SETTINGS_MODULE": "benchmarks.crash.settings",
        }
        self.database = Database(self.directory, self.environment["DATABASE_URL"], chance)
        self.broker = Broker(self.directory, self.environment["REDIS_URL"])

    @contextlib.contextmanager
    def open(self, environment: dict[str, str], directory: Path) -> Iterator[dict[str, Killable]]:
        """Everything that may be killed, by its kind; the programs see `environment` too."""
        whole = os.environ | self.environment | environment
        programs = {name: Process(name, whole, directory) for name in COMMANDS}
        try:
            yield {**programs, "valkey": self.broker, "postgres": self.database}
        finally:
            for program in programs.values():
                program.kill()

    def close(self) -> None:
        embedded.stop(self.directory)


def copy_schema(template: str, to: str) -> None:
    """Make the tables as they are in `template`, with what its migrations wrote."""
    program = Postgres(Path()).program
    dumped = subprocess.run(
        [program.with_name("pg_dump"), "--no-owner", "--dbname", template], check=True, capture_output=True
    )
    subprocess.run(
        [program.with_name("psql"), "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", to],
        input=dumped.stdout,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _give_a_port(server: Server, chance: random.Random) -> None:
    server.directory.parent.mkdir(parents=True, exist_ok=True)
    server._keep(Address(secrets.choice(PORTS), secrets.token_urlsafe(24)))  # noqa: SLF001 -- as its first start would


def _is_same(url: str, before: str) -> None:
    if url != before:
        raise RuntimeError("Another program took a dead server's port.")


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        if pid:
            os.kill(pid, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, ppid in pairs if int(ppid) == parent]
