"""One server in one directory: created once, started on demand, found again, stopped."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SERVER_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}


class EmbeddedServerFailed(Exception):
    """A server did not start; the text says where its log is."""


@dataclass(frozen=True)
class Address:
    """Where a server listens and the password it asks for; kept from one start to the next."""

    port: int
    password: str


@dataclass(frozen=True)
class Server(ABC):
    """One server in one directory. All but `url` and `address` are called under the start lock."""

    directory: Path

    @abstractmethod
    def url(self, address: Address) -> str: ...

    @abstractmethod
    def create(self, address: Address) -> None:
        """Make the directory, whole or not at all."""

    @abstractmethod
    def launch(self, address: Address) -> None:
        """Start the server so that it outlives this process."""

    @abstractmethod
    def is_ours(self, address: Address) -> bool:
        """Whether the server of this very directory answers, able to work."""

    @abstractmethod
    def recorded_pid(self) -> int: ...

    @property
    @abstractmethod
    def program(self) -> Path: ...

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    def address(self) -> Address | None:
        """Read the kept address; None before the first start."""
        with contextlib.suppress(FileNotFoundError):
            return Address(**json.loads(self._address_file.read_text()))
        return None

    def ensure(self) -> str:
        """Reuse the running server, or replace one that does not answer, or start one; return its URL."""
        address = known = self.address()
        if known and self.is_ours(known):
            return self.url(known)
        if known and self.pid() and wait_until(lambda: self.is_ours(known), seconds=15):  # it recovers its log
            return self.url(known)
        self.stop()
        for _ in range(5):  # the port may be taken in between; orphans of a killed server need a moment to leave
            address = Address(_free_port(address), address.password if address else secrets.token_urlsafe(24))
            self._keep(address)
            if not self.directory.exists():
                self.create(address)
            self.launch(address)
            if wait_until(lambda: self.is_ours(address) or not self.pid(), seconds=30) and self.is_ours(address):  # noqa: B023 -- called at once
                return self.url(address)
            self.stop()
            time.sleep(1)
        raise EmbeddedServerFailed(f"{type(self).__name__} does not start; its log is {self.log}")

    def pid(self) -> int:
        """Return the live process's id, or 0; a recycled id is not taken for ours."""
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            pid = self.recorded_pid()
            if str(self.directory) in _command_of(pid):
                return pid
        return 0

    def stop(self) -> None:
        """Ask, then insist."""
        pid = self.pid()
        for number, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 3), (signal.SIGKILL, 5)):
            if not pid:
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            if wait_until(lambda: not self.pid(), seconds=patience):
                return

    def run(self, *command: str | Path) -> bool:
        """Run a server's program as a user it accepts, its output going to the log."""
        account = self._account()
        user, group = (account.pw_uid, account.pw_gid) if account else (None, None)
        with self.directory.with_suffix(".log").open("ab") as log:
            finished = subprocess.run(  # noqa: S603 -- a fixed program with arguments of our own
                [str(word) for word in command],
                user=user,
                group=group,
                extra_groups=[] if account else None,
                cwd=self.directory.parent,
                env=SERVER_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=120,
            )
        return finished.returncode == 0

    def give(self, path: Path) -> None:
        """Hand a file of ours to the user who runs the server, and to nobody else."""
        path.chmod(0o700 if path.is_dir() else 0o600)
        if account := self._account():
            os.chown(path, account.pw_uid, account.pw_gid)
            _let_through(path)
            _let_through(self.program)

    @property
    def _address_file(self) -> Path:
        return self.directory.with_suffix(".json")

    def _keep(self, address: Address) -> None:
        fresh = self._address_file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(dataclasses.asdict(address)))
        fresh.replace(self._address_file)

    def _account(self) -> pwd.struct_passwd | None:
        """Whose rights the server gets: PostgreSQL refuses root's. None means our own."""
        if os.geteuid() != 0:
            return None
        owner = self.directory.stat().st_uid if self.directory.exists() else 0
        return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (done := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return done


def package(name: str) -> Path:
    """Where an installed package lives, without running its code."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedServerFailed(f"Install {name}, or set DATABASE_URL and REDIS_URL to servers of your own.")
    return Path(spec.origin).parent


def _command_of(pid: int) -> str:
    """Return a process's command line; empty when it has ended."""
    if sys.platform == "linux":
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        return ""
    command = ["/bin/ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 -- a number


def _free_port(address: Address | None) -> int:
    """Prefer the port of last time, so that an address once printed stays true."""
    for port in (address.port, 0) if address else (0,):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise EmbeddedServerFailed("127.0.0.1 has no free port")


def _let_through(path: Path) -> None:
    """Let any user pass through the directories above; it still cannot list them."""
    for parent in path.parents:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o001)
