"""Seal a file piece by piece, so that neither writing nor reading it holds more than a piece in memory.

`s1f.<name of the key>.` and a line feed, then for each piece its length (4 bytes), a nonce and the sealed bytes. Number
and end are authenticated with each piece: none can be left out, moved or cut off.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from clinic.core.sealing.keyring import NONCE_BYTES, KeyMissing, Unreadable, newest_key

PIECE = 256 * 1024
LENGTH_BYTES = 4


class SealedWriter(io.RawIOBase):
    """Write what is sealed by the newest key into `file`; `finish` writes the last piece."""

    def __init__(self, file: IO[bytes], *, about: str) -> None:
        self.file, self.about = file, about
        self.key = newest_key()
        self.cipher = AESGCM(settings.FIELD_KEYS[self.key])
        self.waiting, self.number = bytearray(), 0
        file.write(f"s1f.{self.key}.\n".encode())

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        while len(self.waiting) > PIECE:
            self._seal(bytes(self.waiting[:PIECE]), is_last=False)
            del self.waiting[:PIECE]
        return len(data)

    def finish(self) -> None:
        self._seal(bytes(self.waiting), is_last=True)

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        nonce = secrets.token_bytes(NONCE_BYTES)
        said = _authenticated(self.key, self.about, self.number, is_last=is_last)
        sealed = nonce + self.cipher.encrypt(nonce, piece, said)
        self.file.write(len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed)
        self.number += 1


def opened(path: Path, *, about: str) -> Iterator[bytes]:
    """Give back what was sealed, a piece at a time.

    Raises:
        KeyMissing: its key is not in the ring.
        Unreadable: it was changed, cut off, or sealed as something else.
    """
    with path.open("rb") as file:
        head = file.readline(100).decode("ascii", "replace").split(".")
        if len(head) != 3 or head[0] != "s1f":  # noqa: PLR2004 -- the parts of the first line
            raise Unreadable("This is no sealed file.")
        if head[1] not in settings.FIELD_KEYS:
            raise KeyMissing(f"It was sealed by the key {head[1]}, which FIELD_KEYS lacks.")
        cipher, number = AESGCM(settings.FIELD_KEYS[head[1]]), 0
        piece = _next(file)
        while piece is not None:
            after = _next(file)
            said = _authenticated(head[1], about, number, is_last=after is None)
            try:
                yield cipher.decrypt(piece[:NONCE_BYTES], piece[NONCE_BYTES:], said)
            except InvalidTag:
                raise Unreadable("A sealed file does not open: it or the key was changed.") from None
            piece, number = after, number + 1
        if number == 0:
            raise Unreadable("A sealed file is empty.")


def _next(file: IO[bytes]) -> bytes | None:
    length = file.read(LENGTH_BYTES)
    return file.read(int.from_bytes(length, "big")) if len(length) == LENGTH_BYTES else None


def _authenticated(key: str, about: str, number: int, *, is_last: bool) -> bytes:
    return f"{key}|{about}|{number}|{'last' if is_last else 'more'}".encode()
