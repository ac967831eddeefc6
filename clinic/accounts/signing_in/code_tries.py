"""Count the tries of a code in the cache, atomically.

allauth counts them in the session, where 64 requests at once all read the same number.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.cache import cache
from django.utils.crypto import salted_hmac

LASTS = 3600  # seconds; longer than any code
PROBE = "code-tries:probe"
BEGAN = "first_sent_at"


class CannotCount(Exception):
    """The cache is away: nothing is tried."""


def take_try(process: Any) -> bool:
    """Take one of the tries of this code, whatever other requests take meanwhile; False if none is left.

    A code that is sent again has the tries that were left of the first.

    Raises:
        CannotCount
    """
    whose = process.state.get("user_id", process.state.get("email"))
    about = f"{type(process).__name__}|{process.state.get(BEGAN, process.state['at'])!r}|{whose}"
    name = f"code-tries:{salted_hmac('code-tries', about, algorithm='sha256').hexdigest()[:40]}"
    for number in range(process.max_attempts):
        is_ours = cache.add(f"{name}:{number}", 1, timeout=LASTS)
        if is_ours is None:
            raise CannotCount
        if is_ours:
            return True
    return False


def renew(process: Any) -> None:
    """Prolong a code that is about to be sent again; its tries stay as they are."""
    process.state.setdefault(BEGAN, process.state["at"])
    process.state["at"] = time.time()


def can_count() -> bool:
    """Whether the cache answers: without it, no code could be tried."""
    cache.set(PROBE, 1, timeout=60)
    return cache.get(PROBE) is not None
