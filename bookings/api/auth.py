"""Operations that a staff key opens, and only with the right scope."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.errors import AuthenticationError, AuthorizationError
from ninja.security import HttpBearer

from bookings.api.keys import key_of
from bookings.api.limits import count_failed_key
from bookings.integrations.models import ApiKey


class StaffKey(HttpBearer):
    """`Authorization: Bearer jck_…` with one scope."""

    openapi_bearerFormat = "jck_…"  # noqa: N815 -- OpenAPI's name
    openapi_description = "A key that the owner makes in the diary, under Integrations, with the scopes it needs."

    def __init__(self, scope: ApiKey.Scope) -> None:
        super().__init__()
        self.scope = scope
        self.right = scope.right

    def __call__(self, request: HttpRequest) -> ApiKey:
        key = key_of(request)
        if key is None:
            count_failed_key(request)
            raise AuthenticationError(message="Send a key that is not revoked: Authorization: Bearer jck_…")
        if self.scope not in key.scopes:
            raise AuthorizationError(message=f"This key lacks the scope {self.scope}.")
        if self.scope in key.lost():
            raise AuthorizationError(
                message="Whoever made this key may not do this any more. Ask an owner for another."
            )
        return key

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return key_of(request)
