"""Do a plan if the button of its page was pressed."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest

from bookings.desk.plan.forms import read_versions
from bookings.visits.models import DiaryChange
from clinic.accounts.permissions import user_of
from clinic.core import clock
from clinic.core.errors import DomainError


def attempt(request: HttpRequest, do: Callable[..., DiaryChange]) -> DiaryChange | DomainError | None:
    """What was done, or why it was not; None if it was only to be looked at."""
    if request.POST.get("do") != "do":
        return None
    versions = read_versions(request.POST)
    try:
        return do(now=clock.now(), versions=versions, by=user_of(request), key=_key(request))
    except DomainError as refusal:
        return refusal


def _key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()
