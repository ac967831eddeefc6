"""Read the origins of other sites that the owner lets show the booking page."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MOST_SITES = 50
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def origins(written: str, *, takes_localhost: bool = False) -> list[str]:
    """The origins that `written` lists, one a line; a line that is no `https://host[:port]` counts for nothing.

    `takes_localhost` also takes http://localhost[:port], for development.
    """
    read = (origin(line.strip(), takes_localhost=takes_localhost) for line in written.splitlines())
    return list(dict.fromkeys(filter(None, read)))[:MOST_SITES]


def origin(line: str, *, takes_localhost: bool) -> str:
    """The origin as a browser writes it; nothing where the line is none that may be used."""
    if not line.isprintable():  # urlsplit would drop a tab, and join what stood beside it
        return ""
    try:
        parts = urlsplit(line)
        port, host = parts.port, (parts.hostname or "").encode("idna").decode()
    except ValueError:  # UnicodeError is one too
        return ""
    is_plain = parts.netloc.count("@") == 0 and parts.path in {"", "/"} and not (parts.query or parts.fragment)
    is_safe = parts.scheme == "https" or (takes_localhost and parts.scheme == "http" and host == "localhost")
    if not (is_plain and is_safe and HOST.fullmatch(host)):
        return ""
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")
