"""A form that could not be taken is shown once more as one button, with everything that was typed in it.

Someone signs in in another tab, or the session ends, while a form is being filled in: the form's token is then no
longer the browser's, and what was typed would be gone. Only forms of this site's own pages are handed back, so that no
other site can have a visitor press a button of ours; and never one that asks for a password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

FORMS = ("/book/", "/visit/", "/waiting/", "/preferences/", "/forms/", "/diary/", "/staff/")
NEVER = ("/diary/integrations/",)
SECRET = re.compile(r"pass(word|code|phrase)?\d*$|secret|otp", re.IGNORECASE)
MOST_FIELDS, MOST_LETTERS = 100, 40_000
CSRF, PRESSED = "csrfmiddlewaretoken", "pressed_again"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form sent, and where to."""

    path: str
    fields: tuple[tuple[str, str], ...]
    was_pressed_again: bool


def typed_in(request: HttpRequest) -> Typed | None:
    """What may be handed back of this request; None where it is no form of ours, or too much."""
    is_form = request.method == "POST" and request.path.startswith(FORMS) and not request.path.startswith(NEVER)
    if not is_form or "HX-Request" in request.headers or not _is_from_here(request):
        return None
    try:
        sent, files = request.POST, request.FILES
    except (OSError, RequestDataTooBig, TooManyFieldsSent):
        return None
    fields = tuple((name, value) for name, values in sent.lists() for value in values if name not in {CSRF, PRESSED})
    is_too_much = len(fields) > MOST_FIELDS or sum(len(name) + len(value) for name, value in fields) > MOST_LETTERS
    if files or is_too_much or any(SECRET.search(name) for name, _ in fields):
        return None
    return Typed(request.get_full_path(), fields, PRESSED in sent)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a page of this very site sent it, as the browser says."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    sender = request.headers.get("Origin") or request.headers.get("Referer", "")
    try:
        parts = urlsplit(sender)
    except ValueError:
        return False
    return (parts.scheme, parts.netloc) == (request.scheme, request.get_host())


def page(request: HttpRequest, *, is_signed_out: bool = False) -> HttpResponse:
    """“Please press again”, or where nothing may be handed back how to go on."""
    typed = typed_in(request)
    response = render(request, "403_csrf.html", {"typed": typed, "is_signed_out": is_signed_out}, status=403)
    add_never_cache_headers(response)
    return response
