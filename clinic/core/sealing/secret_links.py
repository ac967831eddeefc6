"""A link that opens one thing, for whoever has it: 256 bits, never stored, replaced at will.

What keeps an address with such a secret from being told is one pattern: `clinic.core.sealing.secret_addresses`.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.http import urlsafe_base64_encode

from clinic.core.abstract import OutsideCms


def new_link_salt() -> bytes:
    return secrets.token_bytes(32)


def link_digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


Row = TypeVar("Row", bound=models.Model)


class LinkQuerySet(models.QuerySet[Row]):
    def for_link(self, token: str) -> Self:
        """The row that a link's secret opens: one or none."""
        return self.filter(link_digest=link_digest(token))


class WithLink(OutsideCms):
    """The secret is made anew from a salt and SECRET_KEY; the row is found by the secret's digest."""

    link_salt = models.BinaryField(default=new_link_salt, max_length=32, editable=False)
    link_digest = models.BinaryField(unique=True, max_length=32, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.seal_link()
        super().save(*args, **kwargs)

    @property
    def link_token(self) -> str:
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            token = _link_token(bytes(self.link_salt), str(key))
            if link_digest(token) == bytes(self.link_digest):
                return token
        raise ValueError("No key of this clinic opens this link.")

    def seal_link(self) -> None:
        """Fill in the digest of a new row's link; needed by hand only before `bulk_create`."""
        if not self.link_digest:
            self.link_digest = link_digest(_link_token(bytes(self.link_salt), settings.SECRET_KEY))

    def revoke_link(self) -> None:
        """Give the row another link; the old one opens nothing from the next save on."""
        self.link_salt, self.link_digest = new_link_salt(), b""
        self.seal_link()


def _link_token(salt: bytes, key: str) -> str:
    return urlsafe_base64_encode(salted_hmac("visit-link", salt, secret=key, algorithm="sha256").digest())
