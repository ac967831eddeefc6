from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def takes_at_least(seconds: float) -> Iterator[None]:
    """Take this long at least, so that the time of an answer does not tell what was found."""
    begun = time.monotonic()
    try:
        yield
    finally:
        time.sleep(max(0.0, begun + seconds - time.monotonic()))
