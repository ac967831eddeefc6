"""`make demo`: everything the clinic needs on this machine, until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command, get_commands

from clinic.running.supervisor import Program, Supervisor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALONE = ("--without-gossip", "--without-mingle")  # one worker; gossip can end it when the broker dies
ACCOUNTS = ("owner", "nurse", "desk", "editor", "patient")


class Command(BaseCommand):
    help = "Migrate, load the demo clinic and run web, worker, beat and messages together."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        port = int(os.environ.get("PORT") or 8000)
        os.environ.setdefault("STAFF_SECOND_FACTOR", "off")  # for the programs below: the demo accounts have none
        with (settings.DATA_DIR / "demo.lock").open("a") as lock:
            _refuse_a_second_demo(lock.fileno(), settings.DATA_DIR)
            _refuse_a_taken_port(port)
            self._prepare()
            supervisor = Supervisor(_programs(port), health_url=f"http://127.0.0.1:{port}/healthz")
            supervisor.run(on_ready=lambda: self._welcome(port))

    def _prepare(self) -> None:
        call_command("build_css")
        self._say("Migrating …")
        call_command("migrate", verbosity=0, interactive=False)
        if "seed" in get_commands():
            self._say("Loading the demo clinic …")
            call_command("seed")
        self._say("Starting web, worker, beat and messages …")

    def _welcome(self, port: int) -> None:
        addresses = "\n".join(f"    {name}@example.com" for name in ACCOUNTS)
        self._say(
            f"\n  The clinic is open:  http://localhost:{port}/\n"
            f"  Sign in (password demo-clinic):\n{addresses}\n  Ctrl-C stops everything.\n"
        )

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _refuse_a_second_demo(lock: int, data_dir: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(f"The demo already runs in {data_dir}; stop it, or set DATA_DIR.") from None


def _refuse_a_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used ({error.strerror}); try: make demo PORT=8001") from None


def _programs(port: int) -> Iterator[Program]:
    python = (sys.executable, "-m")
    listen = ("--host", "127.0.0.1", "--port", str(port))
    size = ("--workers", "1", "--blocking-threads", "8")
    # Below "error" it warns of more threads than processors, which threads that wait for a database may well be.
    granian = (*python, "granian", "--interface", "wsgi", *listen, *size, "--log-level", "error")
    yield Program("web", (*granian, "clinic.wsgi:application"), is_vital=True)
    # A demo may run as root, in a container say; tasks are JSON here, which is what that warning is about.
    celery = (sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet", "--app", "clinic")
    yield Program("worker", (*celery, "worker", *ALONE, "--concurrency", "2", "--loglevel", "warning"))
    yield Program("beat", (*celery, "beat", "--loglevel", "warning", "--pidfile="))
    if "send_messages" in get_commands():
        yield Program("messages", (sys.executable, "manage.py", "send_messages", "--forever"))
        yield Program("watch", (sys.executable, "manage.py", "watch_messages", "--forever"))
