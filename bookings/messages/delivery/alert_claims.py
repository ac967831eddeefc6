"""Which way of telling the owner is in use, and by which ways an incident was told: rows that outlive the watcher."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction

from bookings.messages.models.message import LoopHeartbeat

ROW = "alert:messages:"
CLAIM = "alerting:messages:"
CLAIM_LASTS = timedelta(minutes=2)  # longer than either way takes to give up
_LOCK = 0x57A7C4


def told_since() -> dict[str, datetime]:
    """By which ways the present incident was told, and when it began."""
    rows = LoopHeartbeat.objects.filter(name__startswith=ROW)
    return {row.name.removeprefix(ROW): row.beat_at for row in rows}


def claim(now: datetime, wanted: Callable[[Mapping[str, datetime]], list[str]]) -> list[str]:
    """Of the ways `wanted`, given what was told, those that no other watcher is using: ours for two minutes."""
    with transaction.atomic():
        if not _is_alone():
            return []
        LoopHeartbeat.objects.filter(name__startswith=CLAIM, beat_at__lte=now - CLAIM_LASTS).delete()
        taken = set(LoopHeartbeat.objects.filter(name__startswith=CLAIM).values_list("name", flat=True))
        claimed = [way for way in wanted(told_since()) if f"{CLAIM}{way}" not in taken]
        LoopHeartbeat.objects.bulk_create(LoopHeartbeat(name=f"{CLAIM}{way}", beat_at=now) for way in claimed)
    return claimed


def let_go(way: str) -> None:
    LoopHeartbeat.objects.filter(name=f"{CLAIM}{way}").delete()


def _is_alone() -> bool:
    """Whether no other watcher claims right now; ours to claim until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
