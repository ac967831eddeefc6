"""One URL, two bodies: a whole page, or the fragment that htmx swaps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails


class HtmxHttpRequest(HttpRequest):
    htmx: HtmxDetails


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, fragment: str = "", status: int = 200
) -> HttpResponse:
    """Render `template`, or only its partial named `fragment` when htmx asked for it."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    is_swap = bool(fragment and htmx and not htmx.history_restore_request)
    name = f"{template}#{fragment}" if is_swap else template
    response = render(request, name, context, status=status)
    if fragment:
        response.headers["Vary"] = ", ".join(filter(None, [response.headers.get("Vary"), "HX-Request"]))
    return response
