"""Keep sessions in PostgreSQL, sealed, and end some at a fixed moment however much they are used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends import db

from clinic.core.sealing import keyring

ENDS_AT = "ends_at"


class SessionStore(db.SessionStore):
    """What is typed on the way to a booking lies there, and the seed of an app that is being set up.

    A session whose key was taken out of `FIELD_KEYS` is empty: its browser is signed out.
    """

    def encode(self, session_dict: dict[str, Any]) -> str:
        return keyring.seal(super().encode(session_dict), about=self._about)

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        written = str(session_data)
        if keyring.key_of(written) is None:  # of an earlier release
            return super().decode(written)
        try:
            return super().decode(keyring.unseal(written, about=self._about))
        except keyring.Unreadable:
            return {}

    @property
    def _about(self) -> str:
        return f"session|{self.session_key}"

    def end_at(self, moment: datetime) -> None:
        """Write that moment into the row as its expiry, which Django already looks at."""
        self[ENDS_AT] = moment.timestamp()

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        expiry: datetime = super().get_expiry_date(**kwargs)
        ends_at = self.get(ENDS_AT)
        return min(expiry, datetime.fromtimestamp(ends_at, UTC)) if ends_at else expiry
