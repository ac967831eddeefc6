from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def takes_at_least(seconds: float) -> Iterator[None]:
    """Wait out the rest, so that how long an answer takes says nothing of what was found."""
    begun = time.monotonic()
    try:
        yield
    finally:
        time.sleep(max(0.0, begun + seconds - time.monotonic()))
