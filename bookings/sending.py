"""Send what is due over as many lines as there is work for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db import connection

from bookings.domain.delivery import Counts, run_once, run_until_done
from bookings.emails import Sender

BATCH = 100


def send_due(
    *, clock: Callable[[], datetime], lines: int = 1, should_stop: Callable[[], bool] = lambda: False
) -> Counts:
    """One line to the providers sends a batch; if more than that was due, `lines` of them send the rest side by side.

    Each line has connections of its own, as another process would: none waits for the others' providers.

    Raises:
        OperationalError, InterfaceError: the database is gone.
    """
    with Sender() as send:
        counts = run_once(now=clock(), send=send, limit=BATCH, should_stop=should_stop)
    if counts.total() < BATCH or should_stop():
        return counts

    def line() -> Counts:
        try:
            with Sender() as send:
                return run_until_done(clock=clock, send=send, limit=BATCH, should_stop=should_stop)
        finally:
            connection.close()

    with ThreadPoolExecutor(lines) as pool:
        return sum([each.result() for each in [pool.submit(line) for _ in range(lines)]], counts)
