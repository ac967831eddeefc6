"""Whether messages stand still, seen from outside the loop that sends them, and told to the owner once an incident.

What was told is a row for each way of telling; its key is what keeps two watchers from telling twice. It is written
after the way was used, so a watcher that dies while it tells is followed by one that tells again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import connection, transaction

from bookings.domain import measures
from bookings.models.message import LoopHeartbeat

logger = logging.getLogger(__name__)

STILL = timedelta(minutes=5)
ROW = "alert:messages:"
_LOCK = 0x57A7C4


@dataclass(frozen=True, slots=True)
class Notice:
    """What the owner is told. `since` is when it began, and what tells one incident from the next."""

    is_over: bool
    since: datetime
    minutes: int
    due: int


Tell = Callable[[Notice], None]
State = Literal["quiet", "still", "told", "over"]


def watch(now: datetime, ways: Mapping[str, Tell]) -> State:
    """Tell by each of `ways` when messages begin to stand still, and when they go on again.

    A way that fails does not keep the others from telling, and is tried again at the next look.
    """
    found = measures.numbers(now)
    since = _still_since(found, now)
    told = LoopHeartbeat.objects.filter(name__startswith=ROW)
    if since is None and not told.exists():
        return "quiet"
    if since:
        logger.error("Messages stand still since %s; %d are due", since.isoformat(timespec="seconds"), found.due)
    with transaction.atomic():
        if not _is_alone():
            return "still" if since else "quiet"
        known = {row.name.removeprefix(ROW): row.beat_at for row in told}
        if since is None:
            return _tell_over(known, ways, now)
        minutes = int((now - since).total_seconds() // 60)
        notice = Notice(is_over=False, since=since, minutes=minutes, due=found.due)
        heard = [way for way, tell in ways.items() if way not in known and _tells(way, tell, notice)]
        LoopHeartbeat.objects.bulk_create(LoopHeartbeat(name=f"{ROW}{way}", beat_at=since) for way in heard)
    return "told" if heard else "still"


def _still_since(found: measures.Numbers, now: datetime) -> datetime | None:
    """When messages began to stand still, if that is five minutes ago or more.

    A loop that never ran is not missed until something is due.
    """
    worst = max(found.overdue, found.silence or timedelta())
    return now - worst if worst >= STILL else None


def _tell_over(known: Mapping[str, datetime], ways: Mapping[str, Tell], now: datetime) -> State:
    for way, since in known.items():
        minutes = int((now - since).total_seconds() // 60)
        tell = ways.get(way)
        notice = Notice(is_over=True, since=since, minutes=minutes, due=0)
        if tell is None or _tells(way, tell, notice):
            LoopHeartbeat.objects.filter(name=f"{ROW}{way}").delete()
    return "over"


def _tells(way: str, tell: Tell, notice: Notice) -> bool:
    try:
        tell(notice)
    except Exception:  # whatever it is, the other ways must still tell
        logger.exception("The owner could not be told by %s that messages stand still", way)
        return False
    return True


def _is_alone() -> bool:
    """Whether no other watcher tells right now; ours to tell until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
