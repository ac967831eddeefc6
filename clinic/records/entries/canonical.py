"""The one way to write a body down, so that the same is always the same bytes, and its digest can be computed again."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import models

from clinic.records.entries.fields import RecordText

SALT_BYTES = 16


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces; decimals, times and ids as text. Raises TypeError for anything else."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_as_text, allow_nan=False
    )


def salted(body: dict[str, Any]) -> dict[str, Any]:
    """The body with random bytes in it, so that equal answers never have equal digests."""
    return body | {"salt": secrets.token_hex(SALT_BYTES)}


def columns_of(row: models.Model) -> dict[str, Any]:
    """The columns of a row that its entry's body repeats; sealed ones are authenticated by themselves."""
    fields = row._meta.concrete_fields  # noqa: SLF001 -- Django's documented interface
    return {field.attname: _plain(getattr(row, field.attname)) for field in fields if not isinstance(field, RecordText)}


def digest_of(columns: dict[str, Any], body: str) -> bytes:
    """SHA-256 over the columns of an entry, those of its digests and body left out, and its body in plain text."""
    return sha256(canonical(columns | {"body": body}).encode()).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return _as_text(value)


def _as_text(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime):
        return str(_plain(value))
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")  # 1.5 and 1.50 are one amount
    if isinstance(value, UUID):
        return str(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(f"{type(value).__name__} has no one way to be written down.")
