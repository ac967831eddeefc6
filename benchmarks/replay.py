"""A peer for what Django does: the very same statements, run again by bare psycopg."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import psycopg
from django.db import connection

Statement = tuple[bool, str, Any]  # whether inside a transaction, its text, its parameters
Job = list[Statement]


@contextlib.contextmanager
def recorded() -> Iterator[Job]:
    """Collect the statements that this thread's connection runs."""
    job: Job = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001 -- Django's signature
        job.append((connection.in_atomic_block, sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield job


def run(server: psycopg.Connection, job: Job) -> None:
    """Run a job's statements again, fetching what they give, in transactions where they were."""
    for in_transaction, statements in groupby(job, key=lambda statement: statement[0]):
        with server.transaction() if in_transaction else contextlib.nullcontext():
            for _, sql, params in statements:
                found = server.execute(sql, params)
                if found.description:
                    found.fetchall()
