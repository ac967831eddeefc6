"""Note what people who help open of a record, so that its patient can look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from clinic.core import clock
from clinic.patients.models import AccessOpened, PatientAccess


def log_opened(accesses: Iterable[PatientAccess], what: str, now: datetime, *, about: str = "") -> None:
    """Once for each thing and day. Accesses of patients to their own records are not noted."""
    rows = [
        AccessOpened(access=access, what=what, about=about, day=clock.today(now), opened_at=now)
        for access in accesses
        if access.kind == PatientAccess.Kind.CARER
    ]
    if rows:
        AccessOpened.objects.bulk_create(rows, ignore_conflicts=True)
