"""Keep sessions in PostgreSQL, and end some at a fixed moment however much they are used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends import db

ENDS_AT = "ends_at"


class SessionStore(db.SessionStore):
    """Write that moment into the row as its expiry, which Django already looks at."""

    def end_at(self, moment: datetime) -> None:
        self[ENDS_AT] = moment.timestamp()

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        expiry: datetime = super().get_expiry_date(**kwargs)
        ends_at = self.get(ENDS_AT)
        return min(expiry, datetime.fromtimestamp(ends_at, UTC)) if ends_at else expiry
