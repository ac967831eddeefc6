"""Public pages may be kept by shared caches: they set no cookie and look the same to every visitor."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_cache_control

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
MAX_AGE_SECONDS = 60


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
