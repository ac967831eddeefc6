"""`python -m clinic.running.embedded status|stop [DATA_DIR]`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from clinic.running.embedded import servers, stop


def main(arguments: list[str]) -> int:
    """Run `status` or `stop`, on DATA_DIR or the directory given."""
    action, *rest = arguments or ["status"]
    data_dir = Path(rest[0] if rest else os.environ.get("DATA_DIR") or "var").resolve()
    if action not in {"status", "stop"}:
        sys.stderr.write("Usage: python -m clinic.running.embedded status|stop [DATA_DIR]\n")
        return 2
    if action == "stop":
        stop(data_dir)
    for server in servers(data_dir):
        address = server.address()
        state = f"runs on 127.0.0.1:{address.port}" if address and server.pid() else "is stopped"
        sys.stdout.write(f"{type(server).__name__} {state}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
