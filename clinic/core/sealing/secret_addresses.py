"""What an address with a secret link looks like: the one source for the log, the record of messages and referrers."""

from __future__ import annotations

import re

BEFORE_A_SECRET = (
    "visit", "waiting", "waiting/offers", "unsubscribe", "preferences", "not-me", "bookings", "calendar", "forms",
    "invitation", "recovery", "helping",
)  # fmt: skip
SECRET_ADDRESS = re.compile(rf"(/(?:{'|'.join(BEFORE_A_SECRET)})/)[\w.-]{{20,}}")


def without_secrets(text: str) -> str:
    """The text with the secret of each link left out."""
    return SECRET_ADDRESS.sub(r"\1…", text)
