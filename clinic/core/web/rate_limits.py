"""Count in fixed windows, atomically, in the cache: so many in so many seconds for one address, contact, key or link.

While the cache is away nothing is refused: what must not happen is guarded by locks and constraints, not by these numbers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.crypto import salted_hmac


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` in `seconds`."""

    name: str
    amount: int
    seconds: int


def count(limit: Limit, who: str) -> float:
    """Count one; gives the seconds to wait, 0 if there is room. What is counted is kept as a digest, never as text."""
    now = time.time()
    window, passed = divmod(now, limit.seconds)
    digest = salted_hmac("rate-limit", who, algorithm="sha256").hexdigest()[:32]
    name = f"limit:{limit.name}:{int(window)}:{digest}"
    if _added(name, limit.seconds) <= limit.amount:
        return 0
    return max(1.0, limit.seconds - passed)


def _added(name: str, seconds: int) -> int:
    """One more under this name; 0 if the cache is away (it then answers None) or has just forgotten the name."""
    is_first = cache.add(name, 1, timeout=seconds + 1)
    if is_first is None:
        return 0
    try:
        return 1 if is_first else cache.incr(name) or 0
    except ValueError:
        return 0
