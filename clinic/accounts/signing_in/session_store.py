"""Sessions in PostgreSQL, some of which end at a fixed moment, however busy they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends import db

ENDS_AT = "ends_at"


class SessionStore(db.SessionStore):
    """The end is written into the row, where the database asks for it: no page need look."""

    def end_at(self, moment: datetime) -> None:
        self[ENDS_AT] = moment.timestamp()

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        expiry: datetime = super().get_expiry_date(**kwargs)
        ends_at = self.get(ENDS_AT)
        return min(expiry, datetime.fromtimestamp(ends_at, UTC)) if ends_at else expiry
