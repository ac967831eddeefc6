"""Who made a change, read from the audit trail that the database's triggers write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clinic.accounts.models import User


def names_of(events: Iterable[Any]) -> dict[int | None, str]:
    """The names of the users behind these events, whose `pgh_context` is at hand. One statement, or none."""
    ids = {user for event in events if (user := user_id_of(event))}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}


def who_did(event: Any, names: dict[int | None, str]) -> str:
    """A member of staff's name, or what acted instead."""
    return names.get(user_id_of(event), "") or ("Patient" if event.pgh_context else "Automatic")


def user_id_of(event: Any) -> int | None:
    """The member of staff or patient who was signed in; None where nobody was."""
    metadata = event.pgh_context.metadata if event.pgh_context else {}
    user = metadata.get("user")
    return int(user) if user else None
