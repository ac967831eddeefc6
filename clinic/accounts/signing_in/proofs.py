"""What a session was opened with: since when, and whether a shared tablet's PIN did it last, which proves less."""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest

SECOND_FACTOR, PIN = "mfa", "pin"  # the first is allauth's name for a passkey, an app's code or a recovery code


def is_by_pin(request: HttpRequest) -> bool:
    """Whether nothing but a PIN was used since the session was last opened with one."""
    records = get_authentication_records(request, request.user)
    return bool(records) and records[-1]["method"] == PIN


def stronger_proofs(request: HttpRequest) -> list[dict[str, Any]]:
    """What was used since a PIN last was: before that, somebody else may have."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    last = max((at for at, record in enumerate(records) if record["method"] == PIN), default=-1)
    return records[last + 1 :]


def require_more_than_pin(request: HttpRequest) -> None:
    """Guard what a PIN is too little for.

    Raises:
        ReauthenticationRequired: a PIN opened the session. allauth's middleware asks for the passkey or app, and goes
            on with the request afterwards.
    """
    if is_by_pin(request):
        raise ReauthenticationRequired
