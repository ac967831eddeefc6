"""Tell the browser which sites may show a page of ours in a frame."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from csp.constants import NONE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

from bookings.visits.models import BookingSettings
from bookings.visits.origins import origins

View = Callable[[HttpRequest], HttpResponse]
Framed = Callable[[HttpRequest], HttpResponseBase]


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
