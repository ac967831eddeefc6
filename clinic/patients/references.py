"""What a row is called where people read it: in an address, over the telephone."""

from __future__ import annotations

import secrets

REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0/O, 1/I/L, U
REFERENCE = "[2-9A-HJKMNP-TV-Z]{8,12}"


def new_reference() -> str:
    """Eight characters that can be read out over the telephone."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))
