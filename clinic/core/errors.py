from __future__ import annotations

from django.db import IntegrityError


class DomainError(Exception):
    """A rule said no. `str()` is a sentence fit to show to the person who asked."""

    code = "refused"


def broken_constraint(error: IntegrityError) -> str:
    """The name of the constraint that a statement broke; empty where PostgreSQL names none."""
    name: str | None = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return name or ""
