"""Post a letter that must not be sent inside a request. The app that keeps the outbox says how, when it is ready.

This layer knows nothing of that app: accounts are below the messages about visits, and share their outbox.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from clinic.sending.mail import Letter


class Outbox(Protocol):
    def __call__(self, letter: Letter, *, to: str, now: datetime, useful_for: timedelta) -> None:
        """Keep it sealed until it is sent, which may be tried while it is useful; then forget its words."""


_OUTBOXES: list[Outbox] = []


def keep_in(outbox: Outbox) -> None:
    """Name the outbox; its app calls this when it is ready."""
    _OUTBOXES[:] = [outbox]


def post(letter: Letter, *, to: str, now: datetime, useful_for: timedelta) -> None:
    """Put a letter in the outbox."""
    (outbox,) = _OUTBOXES
    outbox(letter, to=to, now=now, useful_for=useful_for)
