"""Public pages may be kept by shared caches, and are by our own: they set no cookie and look the same to every visitor."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import cc_delim_re, patch_cache_control

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
MAX_AGE_SECONDS = 60
EDITING = "/cms/"
EDITION_KEY = "public-pages-edition"
EDITION_SECONDS = 1
MOST_PAGES = 256
DECIDED_BY_THE_KEY = {"cookie", "hx-request", "accept-encoding"}  # what a kept answer may vary on: see `_key`


def let_caches_keep(request: HttpRequest, response: R) -> R:
    """Allow a minute in shared caches, unless the visitor has a session: a message may be waiting for them."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES or getattr(request, "is_preview", False):
        patch_cache_control(response, private=True, max_age=0)
    else:
        patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
    return response


def public_page(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Mark what the view answers as fit for shared caches (see `let_caches_keep`)."""

    @wraps(view)
    def shared(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return let_caches_keep(request, view(request, *args, **kwargs))

    return shared


@dataclass(frozen=True, slots=True)
class _Kept:
    edition: str
    made_at: float
    content: bytes
    headers: dict[str, str]


class KeptPages:
    """Gives visitors who bring no cookie the page as it was a moment ago: the shared cache of `let_caches_keep`.

    Pages live in each process; the edition they belong to lives in the cache that all processes share, and a change
    made in the CMS or by its schedule begins a new one: other processes learn of it within EDITION_SECONDS. What
    changes otherwise (in a shell) shows within MAX_AGE_SECONDS. Without the shared cache nothing is kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._pages: dict[str, _Kept] = {}
        self._edition: tuple[str | None, float] = (None, 0.0)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = _key(request)
        if key is None:
            return self._changing(request)
        made_at = time.monotonic()
        edition, kept = self._edition_at(made_at), self._pages.get(key)
        if kept and kept.edition == edition and (age := made_at - kept.made_at) < MAX_AGE_SECONDS:
            return HttpResponse(kept.content, headers=kept.headers | {"Age": str(int(age))})
        response = self.get_response(request)
        if edition and _may_be_kept(response):
            if len(self._pages) >= MOST_PAGES:
                self._pages.clear()
            self._pages[key] = _Kept(edition, made_at, response.content, dict(response.items()))
        return response

    def _changing(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and request.path.startswith(EDITING):
            self._edition = (begin_edition(), time.monotonic())
        return response

    def _edition_at(self, moment: float) -> str | None:
        edition, asked_at = self._edition
        if edition is None or moment - asked_at > EDITION_SECONDS:
            edition = cache.get_or_set(EDITION_KEY, _new_edition, None)
            self._edition = (edition, moment)
        return edition


def begin_edition() -> str:
    """Make every process forget the pages it keeps, within EDITION_SECONDS; gives the name of the new edition."""
    edition = _new_edition()
    cache.set(EDITION_KEY, edition, None)
    return edition


def _key(request: HttpRequest) -> str | None:
    """Tell apart what pages may differ by; None for whoever might be shown a page of their own."""
    sent = request.META
    is_plain = request.method == "GET" and not sent.get("QUERY_STRING")
    is_anybody = not any(sent.get(name) for name in ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_HX_REQUEST"))
    return f"{request.scheme}://{request.get_host()}{request.path}" if is_plain and is_anybody else None


def _may_be_kept(response: HttpResponseBase) -> bool:
    control = set(cc_delim_re.split(response.get("Cache-Control", "").lower()))
    varies = set(filter(None, cc_delim_re.split(response.get("Vary", "").lower())))
    is_shared = "public" in control and f"max-age={MAX_AGE_SECONDS}" in control
    is_whole = response.status_code == 200 and not response.streaming and not response.cookies  # noqa: PLR2004 -- OK
    return is_shared and is_whole and varies <= DECIDED_BY_THE_KEY


def _new_edition() -> str:
    return uuid.uuid4().hex
