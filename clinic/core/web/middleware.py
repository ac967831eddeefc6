from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

from clinic.core.deletion import CannotDelete, why_refused

PERSONAL = (
    "/visit/", "/waiting/", "/unsubscribe/", "/preferences/", "/book/", "/my/", "/diary/", "/accounts/", "/cms/", "/calendar/",
    "/api/v1/bookings", "/api/v1/diary", "/api/v1/staff/", "/api/v1/webhooks/",
)  # fmt: skip
REQUEST_ID = "X-Request-ID"
A_REQUEST_ID = re.compile(r"[\w-]{8,64}", re.ASCII)
SECRET_IN_URL = re.compile(r"^/(?:(?:visit|waiting)/[\w-]{40,}|(?:waiting/offers|unsubscribe|preferences|calendar)/)")


CMS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'self'; object-src 'none'; frame-ancestors 'self'"
)


class CmsContentPolicy:
    """Wagtail's admin needs inline code (wagtail#1288), so it has a looser policy of its own: still nothing foreign.

    A preview comes with the policy of the page it shows, which lets nobody frame it: here the editor does.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/cms/"):
            response.headers["Content-Security-Policy"] = CMS_POLICY
        return response


class DeletionRefused:
    """Inside Wagtail's admin a deletion that is refused, by whatever door, becomes a message to the editor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, CannotDelete) or not is_in_cms(request):
            return None
        messages.error(request, why_refused(exception))
        return HttpResponseRedirect(back_in_cms(request))


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
        if SECRET_IN_URL.match(request.path):
            response.headers["Referrer-Policy"] = "no-referrer"
        return response


class RequestIds:
    """Give each request an id, or keep the proxy's: every line that is logged meanwhile has it, and so has the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(REQUEST_ID, "")
        request_id = given if A_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response.headers[REQUEST_ID] = request_id
        return response


def is_in_cms(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("wagtailadmin_home"))


def back_in_cms(request: HttpRequest) -> str:
    """The page the editor came from; the first page of the CMS if that is this very one, or none of ours."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    is_another = urlsplit(came_from).path != request.path
    return came_from if is_ours and is_another else reverse("wagtailadmin_home")
