"""Rows of a queue that a loop has taken for a while, and that another may take once that while is over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import QuerySet

Rows = TypeVar("Rows", bound=QuerySet[Any])


def still_ours(queue: Rows, taken: Iterable[Any]) -> Rows:
    """Of `queue`, the rows in `taken` that are still under the lease with which they were taken.

    Every mark goes through it: a loop that was overtaken marks nothing.
    """
    rows = list(taken)
    return queue.filter(
        state="leased", pk__in=[row.pk for row in rows], lease_until__in={row.lease_until for row in rows}
    )
