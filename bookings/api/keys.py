"""The staff key that came with a request."""

from __future__ import annotations

from django.http import HttpRequest

from bookings.integrations.api_keys import SECRET_BEGINS, find_key
from bookings.integrations.models import ApiKey
from clinic.core import clock

MOST_CHARACTERS = 100
KEPT = "_staff_key"


def key_of(request: HttpRequest) -> ApiKey | None:
    """The valid key that came with the request, looked up once."""
    if not hasattr(request, KEPT):
        setattr(request, KEPT, _find(request.headers.get("Authorization", "")))
    key: ApiKey | None = getattr(request, KEPT)
    return key


def _find(header: str) -> ApiKey | None:
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.startswith(SECRET_BEGINS) or len(secret) > MOST_CHARACTERS:
        return None
    return find_key(secret, clock.now())
