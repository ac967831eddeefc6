"""Bring a version into use, and begin the next one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from clinic.accounts.models import User
from clinic.core.errors import DomainError
from clinic.practitioners.models import Practitioner
from clinic.records.versions.models import State, Version, digest_of

V = TypeVar("V", bound=Version)


class NotADraft(DomainError):
    """It was approved, or another draft was written, since the page was opened."""


def begin_draft(*, kind: type[V], of: Any, content: Any, writer: User | None, now: datetime, **fields: Any) -> V:
    """Write the draft of the next version; one that stands already is written over."""
    with transaction.atomic():
        rows = kind._default_manager.select_for_update().filter(of=of).order_by("-number")  # noqa: SLF001 -- its public name
        newest = rows.first()
        if newest is None or newest.state != State.DRAFT:
            newest = kind(of=of, number=newest.number + 1 if newest else 1)
        newest.content, newest.written_by, newest.changed_at = content, writer, now
        for name, value in fields.items():
            setattr(newest, name, value)
        newest.save()
        return newest


def approve(version: V, *, by: Practitioner, seen: str, now: datetime) -> V:
    """Bring a draft into use in place of the version before. `seen` is the digest of the content that `by` has read.

    Raises:
        NotADraft: it was approved or changed meanwhile.
    """
    kind = type(version)
    with transaction.atomic():
        rows = list(kind._default_manager.select_for_update().filter(of=version.of).order_by("number"))  # noqa: SLF001
        found = next((row for row in rows if row.pk == version.pk), None)
        if found is None or found.state != State.DRAFT or digest_of(found.content) != seen:
            raise NotADraft("This version was changed or approved meanwhile. Read it again before you approve it.")
        for row in rows:
            if row.state == State.APPROVED:
                kind._default_manager.filter(pk=row.pk).update(state=State.RETIRED)  # noqa: SLF001
        found.state, found.approved_by, found.approved_at = State.APPROVED, by, now
        found.save()
        return found
