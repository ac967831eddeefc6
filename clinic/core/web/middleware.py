"""Keep personal pages out of caches and secrets out of referrers, and give every request an id."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers

from clinic.core.sealing.secret_addresses import SECRET_ADDRESS

logger = logging.getLogger("clinic.security")
PERSONAL = (
    "/visit/", "/waiting/", "/unsubscribe/", "/preferences/", "/book/", "/my/", "/not-me/", "/helping/", "/forms/",
    "/diary/", "/staff/", "/accounts/", "/cms/", "/calendar/",
    "/api/v1/bookings", "/api/v1/diary", "/api/v1/staff/", "/api/v1/webhooks/",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
REFUSALS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
REQUEST_ID = "X-Request-ID"
A_REQUEST_ID = re.compile(r"[\w-]{8,64}", re.ASCII)
SECRET_IN_URL = re.compile(  # also where what stands behind is too short to be a secret: it was cut off
    r"^/(?:waiting/offers|unsubscribe|preferences|calendar|not-me|helping|accounts/invitation|accounts/recovery)/"
)


class NoReferrerForPersonalPages:
    """Personal pages are never stored by a cache, and an address that holds a secret is never told to another site.

    Source: OWASP ASVS 5.0 14.2.1 and 14.3.2.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(PERSONAL):
            add_never_cache_headers(response)
            # Not "no-referrer": a browser would then post forms with "Origin: null", which the CSRF check refuses.
            response.headers["Referrer-Policy"] = "same-origin"
        if SECRET_IN_URL.match(request.path) or SECRET_ADDRESS.search(request.path):
            response.headers["Referrer-Policy"] = "no-referrer"
        return response


class LogRefusals:
    """Log each answer that refuses a right or a limit: who, as a number, and which view. Refuse methods we do not know."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        response = self.get_response(request)
        if response.status_code in REFUSALS:
            view = request.resolver_match.view_name if request.resolver_match else None
            user = getattr(getattr(request, "user", None), "pk", None)
            logger.warning("refused", extra={"status": response.status_code, "view": view, "user": user})
        return response


class RequestIds:
    """Give each request an id, or keep that of a trusted proxy: every line that is logged meanwhile has it, and so has the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(REQUEST_ID, "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
        request_id = given if A_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response.headers[REQUEST_ID] = request_id
        return response
