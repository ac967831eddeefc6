"""Which sites may show a page of ours in a frame, and what such a page tells the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from csp.constants import NONE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

from bookings.visits.models import BookingSettings

View = Callable[[HttpRequest], HttpResponse]
Framed = Callable[[HttpRequest], HttpResponseBase]

MOST_SITES = 50
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def origins(written: str, *, takes_localhost: bool = False) -> list[str]:
    """The origins that `written` lists, one a line; a line that is no `https://host[:port]` counts for nothing.

    `takes_localhost` also takes http://localhost[:port], for development.
    """
    read = (_origin(line.strip(), takes_localhost=takes_localhost) for line in written.splitlines())
    return list(dict.fromkeys(filter(None, read)))[:MOST_SITES]


def _origin(line: str, *, takes_localhost: bool) -> str:
    if not line.isprintable():  # urlsplit would drop a tab, and join what stood beside it
        return ""
    try:
        parts = urlsplit(line)
        port, host = parts.port, (parts.hostname or "").encode("idna").decode()
    except ValueError:  # UnicodeError is one too
        return ""
    is_plain = parts.netloc.count("@") == 0 and parts.path in {"", "/"} and not (parts.query or parts.fragment)
    is_safe = parts.scheme == "https" or (takes_localhost and parts.scheme == "http" and host == "localhost")
    if not (is_plain and is_safe and HOST.fullmatch(host)):
        return ""
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def embeddable(view: View) -> Framed:
    """A page that the clinic's chosen sites may show in a frame (`BookingSettings.embedding_sites`); nobody else's.

    It is exempt from the CSRF check because there is nothing to forge with: the view uses neither cookie nor session,
    so another site's form can do no more than that site's own server could. What it does rests on the signed token
    in the form alone. The answer is never shared by a cache, so that nothing hangs on `Vary: Cookie`.
    """

    @csrf_exempt
    @wraps(view)
    def framed(request: HttpRequest) -> HttpResponseBase:
        sites = origins(BookingSettings.load(request_or_site=request).embedding_sites, takes_localhost=settings.DEBUG)
        answer = xframe_options_exempt(view) if sites else view  # that header knows no list: refuse all, or be silent
        response = csp_replace({"frame-ancestors": sites or [NONE]})(answer)(request)
        if "no-store" not in response.get("Cache-Control", ""):
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return framed
