"""Seal what must not lie in the database in the clear, by the keys of `FIELD_KEYS`: the newest seals, all of them open.

AES-256-GCM of the library cryptography. A sealed value is text: `s1.<name of the key>.<nonce, value and tag>`. What kind
of thing it is (`about`) is authenticated with it, so a value does not open among those of another kind; two of one kind
are not told apart. See ADR 14.
"""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12
_SEALED = re.compile(r"s1\.([a-z0-9_-]+)\.([A-Za-z0-9_=-]+)")


class Unreadable(Exception):
    """A sealed value that does not open. The text tells no secret."""


class KeyMissing(Unreadable):
    """Its key is not in `FIELD_KEYS`."""


def seal(value: str, *, about: str) -> str:
    """Seal `value` by the newest key. Twice is two texts."""
    name = newest_key()
    nonce = secrets.token_bytes(NONCE_BYTES)
    hidden = AESGCM(settings.FIELD_KEYS[name]).encrypt(nonce, value.encode(), _authenticated(name, about))
    return f"s1.{name}.{urlsafe_b64encode(nonce + hidden).decode()}"


def unseal(sealed: str, *, about: str) -> str:
    """Give back what was sealed.

    Raises:
        KeyMissing: its key is not in the ring.
        Unreadable: it is not sealed, was changed, or was sealed as something else.
    """
    name = key_of(sealed)
    if name is None:
        raise Unreadable("This is no sealed value.")
    if name not in settings.FIELD_KEYS:
        raise KeyMissing(f"It was sealed by the key {name}, which FIELD_KEYS lacks.")
    try:
        found = urlsafe_b64decode(sealed.rpartition(".")[2])
        value = AESGCM(settings.FIELD_KEYS[name]).decrypt(
            found[:NONCE_BYTES], found[NONCE_BYTES:], _authenticated(name, about)
        )
    except (ValueError, InvalidTag):  # binascii's error is a ValueError
        raise Unreadable(
            f"A value sealed by the key {name} does not open: it or the key was changed, or it is no {about}."
        ) from None
    return value.decode()


def newest_key() -> str:
    """The name of the key that seals."""
    return next(iter(settings.FIELD_KEYS))


def key_of(value: str) -> str | None:
    """The name of the key that sealed `value`; None if it is in the clear."""
    found = _SEALED.fullmatch(value)
    return found[1] if found else None


def _authenticated(name: str, about: str) -> bytes:
    return f"{name}|{about}".encode()
