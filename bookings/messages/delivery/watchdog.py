"""Whether messages stand still, seen from outside the loop that sends them, and told to the owner once an incident.

What was told is a row for each way of telling, written after the way was used; while it is used, a claim keeps other
watchers from it. A watcher that dies while it tells is followed by one that tells again when its claim has run out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bookings.messages.delivery import queue_numbers
from bookings.messages.delivery.alert_claims import ROW, claim, let_go, told_since
from bookings.messages.models.message import LoopHeartbeat

logger = logging.getLogger(__name__)

STILL = timedelta(minutes=5)


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

    A way is claimed in one short transaction and used outside any. A way that fails does not keep the others from
    telling, and is tried again at the next look.
    """
    found = queue_numbers.numbers(now)
    since = _still_since(found, now)
    if since is None:
        return _tell_over(ways, now)
    logger.error("Messages stand still since %s; %d are due", since.isoformat(timespec="seconds"), found.due)
    notice = Notice(is_over=False, since=since, minutes=_minutes(now - since), due=found.due)
    claimed = claim(now, lambda told: [way for way in ways if way not in told])
    heard = [way for way in claimed if _tells(way, ways[way], notice)]
    for way in claimed:
        if way in heard:
            LoopHeartbeat.objects.create(name=f"{ROW}{way}", beat_at=since)
        let_go(way)
    return "told" if heard else "still"


def _still_since(found: queue_numbers.Numbers, now: datetime) -> datetime | None:
    """When messages began to stand still, if that is five minutes ago or more.

    A loop that never ran is not missed until something is due.
    """
    worst = max(found.overdue, found.silence or timedelta())
    return now - worst if worst >= STILL else None


def _tell_over(ways: Mapping[str, Tell], now: datetime) -> State:
    told = told_since()
    claimed = claim(now, list) if told else []
    for way in claimed:
        since, tell = told[way], ways.get(way)
        notice = Notice(is_over=True, since=since, minutes=_minutes(now - since), due=0)
        if tell is None or _tells(way, tell, notice):
            LoopHeartbeat.objects.filter(name=f"{ROW}{way}").delete()
        let_go(way)
    return "over" if claimed else "quiet"


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def _tells(way: str, tell: Tell, notice: Notice) -> bool:
    try:
        tell(notice)
    except Exception:  # whatever it is, the other ways must still tell
        logger.exception("The owner could not be told by %s that messages stand still", way)
        return False
    return True
