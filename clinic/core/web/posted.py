"""Addresses that only take forms: what they refuse is shown there, and a reload or a tab kept open asks for it by GET."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

View = Callable[[HttpRequest, str], HttpResponse]


def posted_to(page: str) -> Callable[[View], View]:
    """Take forms; lead who opens the address of one to the `page` of the same reference."""

    def decorated(view: View) -> View:
        taking = require_POST(view)

        @wraps(view)
        def guarded(request: HttpRequest, reference: str) -> HttpResponse:
            return redirect(page, reference) if request.method in {"GET", "HEAD"} else taking(request, reference)

        return guarded

    return decorated
