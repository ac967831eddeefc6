"""Runs several programs as one: their lines on one screen, restarts with patience, one way out that leaves nothing."""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

TICK: Final = 0.2
PATIENCE: Final = 10.0  # what a worker gets to finish its task once asked to stop
LONGEST_PAUSE: Final = 30.0
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG: Final = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to run; without a vital program the rest makes no sense, any other is started again."""

    name: str
    command: tuple[str, ...]
    is_vital: bool = False


class Child:
    """One program and its current process, which leads a process group of its own."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.starts_at = 0.0
        self._pause = 1.0
        self._started_at = 0.0

    def start(self) -> IO[bytes]:
        """Start the process and return its output."""
        self._started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 -- our own table of programs
            self.program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then asks in order
            preexec_fn=_end_with_parent,  # noqa: PLW1509 -- the supervisor has a single thread
        )
        assert self.process.stdout  # noqa: S101 -- it was just asked for
        os.set_blocking(self.process.stdout.fileno(), False)
        return self.process.stdout

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and all it started."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def bury(self) -> int:
        """Sweep what the ended process left behind, plan the next start and return the exit status."""
        assert self.process  # noqa: S101 -- callers ask has_ended first
        self.signal(signal.SIGKILL)
        status = self.process.wait()
        self.process = None
        if time.monotonic() - self._started_at > LONGEST_PAUSE:
            self._pause = 1.0
        self.starts_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return status


class Supervisor:
    """Starts the programs, prints their lines, starts the ended again; stops all at a signal."""

    def __init__(self, programs: Iterable[Program], *, health_url: str) -> None:
        self._children = [Child(program) for program in programs]
        self._health_url = health_url
        self._selector = selectors.DefaultSelector()
        self._is_stopping = False

    def run(self, *, on_ready: Callable[[], None]) -> None:
        """Return once everything has stopped.

        Raises:
            SystemExit: a vital program ended by itself.
        """
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        is_ready = False
        try:
            while not self._is_stopping:
                self._start_due()
                self._print_lines()
                self._bury_ended()
                if not is_ready and not self._is_stopping and (is_ready := self._is_healthy()):
                    on_ready()
        finally:
            self._stop_all()

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _start_due(self) -> None:
        for child in self._children:
            if child.process is None and time.monotonic() >= child.starts_at:
                self._selector.register(child.start(), selectors.EVENT_READ, child)

    def _print_lines(self) -> None:
        for key, _ in self._selector.select(TICK):
            child: Child = key.data
            chunk = os.read(key.fd, 65536)
            if not chunk:
                self._selector.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]
            for line in chunk.decode(errors="replace").splitlines():
                _say(f"{child.program.name:>8} | {line}")

    def _bury_ended(self) -> None:
        for child in self._children:
            if child.has_ended():
                status = child.bury()
                if child.program.is_vital:
                    _say(f"{child.program.name} ended with status {status}: stopping everything.")
                    raise SystemExit(1)
                _say(f"{child.program.name} ended with status {status}; it starts again shortly.")

    def _is_healthy(self) -> bool:
        request = urllib.request.Request(self._health_url)  # noqa: S310 -- http on this machine
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=1) as answer:  # noqa: S310 -- as above
            return bool(answer.status == 200)  # noqa: PLR2004 -- the best known number of the web
        return False

    def _stop_all(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        _say("Stopping …")
        for child in self._children:
            if child.process:
                child.process.terminate()
        deadline = time.monotonic() + PATIENCE
        while self._running() and time.monotonic() < deadline:
            self._print_lines()
        for child in self._children:
            child.signal(signal.SIGKILL)
            if child.process:
                child.process.wait()
        self._selector.close()

    def _running(self) -> list[Child]:
        return [child for child in self._children if child.process and not child.has_ended()]


def _end_with_parent() -> None:
    """Ask Linux to end this process when the supervisor dies, even by kill -9."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may have gone; stopping goes on
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
