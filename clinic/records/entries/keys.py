"""The key of each patient's record: `sealer_of` writes with it and cannot read; who reads asks `clinic.records.reading`.

AES-256-GCM of the library cryptography. Sealed text is `r1.<nonce, text and tag>` in base 64. The key itself lies in
`RecordKey.wrapped`, sealed by the newest of FIELD_KEYS, so a change of those keys leaves signed rows as they are.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from clinic.core.sealing.keyring import Unreadable
from clinic.patients.models import Patient
from clinic.records.entries.fields import RecordText, SealedText
from clinic.records.entries.models import RecordKey

KEY_BITS, NONCE_BYTES, PREFIX = 256, 12, "r1."


class Reads(Protocol):
    """Whatever can say what sealed text says: an `Opener`, or an open record."""

    def text(self, row: models.Model, name: str) -> str:
        """What a field of a row says."""


class Sealer:
    """Puts text into rows of one patient's record."""

    def __init__(self, key: RecordKey) -> None:
        self.patient_id = key.patient_id
        self._cipher = AESGCM(urlsafe_b64decode(key.wrapped))

    def put(self, row: models.Model, name: str, text: str) -> None:
        """Seal `text` into a field of a row, whose id must be there already. An empty text stays empty."""
        setattr(row, name, SealedText(self._sealed(text, _field(row, name).about_row(row)) if text else ""))

    def _sealed(self, text: str, about: str) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        hidden = self._cipher.encrypt(nonce, text.encode(), about.encode())
        return PREFIX + urlsafe_b64encode(nonce + hidden).decode()


class Opener(Sealer):
    """Takes it out again. Made by `clinic.records.reading`, which writes down who reads, and by nobody else."""

    def text(self, row: models.Model, name: str) -> str:
        """What a field of a row says.

        Raises:
            Unreadable: it was changed, belongs to another row or patient, or the key was changed.
        """
        value = getattr(row, name)
        return self._opened(value.stored, _field(row, name).about_row(row)) if value else ""

    def _opened(self, stored: str, about: str) -> str:
        try:
            found = urlsafe_b64decode(stored.removeprefix(PREFIX))
            return self._cipher.decrypt(found[:NONCE_BYTES], found[NONCE_BYTES:], about.encode()).decode()
        except (ValueError, InvalidTag):  # binascii's error is a ValueError
            raise Unreadable(f"A sealed text of a record does not open: {about}.") from None


def sealer_of(patient: Patient) -> Sealer:
    """Write to a patient's record. Its key is made with the first thing written.

    Raises:
        KeyMissing: the key that sealed the record's key is not in FIELD_KEYS.
    """
    return Sealer(key_of(patient))


def key_of(patient: Patient) -> RecordKey:
    """The key of a patient's record, made now if there is none. Two who make it at once get the same."""
    found = RecordKey.objects.filter(patient=patient).first()
    if found is None:
        wrapped = urlsafe_b64encode(AESGCM.generate_key(KEY_BITS)).decode()
        RecordKey.objects.bulk_create([RecordKey(patient=patient, wrapped=wrapped)], ignore_conflicts=True)
        found = RecordKey.objects.get(patient=patient)
    return found


def _field(row: models.Model, name: str) -> RecordText:
    field = row._meta.get_field(name)  # noqa: SLF001 -- Django's documented interface
    if not isinstance(field, RecordText):
        raise TypeError(f"{name} is no sealed text of a record.")
    return field
