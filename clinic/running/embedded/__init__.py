"""PostgreSQL and Valkey for a machine that has neither: started on demand, stopped by the last process that used them.

Every process that asks for an address holds a shared lock on `DATA_DIR/embedded.users` until it ends, however it ends.
Whoever can take that lock alone at its exit was the last, and stops the servers. `python -m clinic.running.embedded status|stop`.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

from clinic.running.embedded.postgres import Postgres
from clinic.running.embedded.server import EmbeddedServerFailed, Server
from clinic.running.embedded.valkey import Valkey

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EmbeddedServerFailed", "database_url", "redis_url", "servers", "stop"]


def database_url(data_dir: Path) -> str:
    """Return the URL of the database in `data_dir`, starting PostgreSQL if it does not run."""
    return _use(Postgres(data_dir.resolve() / "postgres"))


def redis_url(data_dir: Path) -> str:
    """Return the URL of the broker in `data_dir`, starting Valkey if it does not run."""
    return _use(Valkey(data_dir.resolve() / "valkey"))


def stop(data_dir: Path) -> None:
    """Stop both servers, whoever uses them."""
    for server in servers(data_dir.resolve()):
        if server.directory.exists():
            with _locked(server.directory.parent / "embedded.lock"):
                server.stop()


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


def servers(data_dir: Path) -> tuple[Server, ...]:
    return Valkey(data_dir / "valkey"), Postgres(data_dir / "postgres")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
