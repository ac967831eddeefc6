"""Know the browsers that an account was opened with before, by a cookie that is given at sign-in and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from clinic.accounts.models import User

SALT = "accounts.known-browser"
LASTS = timedelta(days=365)
BETWEEN = "."
MOST = 5  # accounts of one browser: a family's
_SET = "_known_browser"


def greet(request: HttpRequest, user: User) -> bool:
    """Remember the browser for this account; True if it is new to it."""
    known, mark = _known(request), _mark_of(user)
    setattr(request, _SET, [*(one for one in known if one != mark), mark][-MOST:])
    return mark not in known


def _mark_of(user: User) -> str:
    """Nothing that could be told from a list of accounts."""
    return salted_hmac(SALT, str(user.pk), algorithm="sha256").hexdigest()[:32]


def _known(request: HttpRequest) -> list[str]:
    kept = request.get_signed_cookie(settings.KNOWN_BROWSER_COOKIE, default="", salt=SALT, max_age=LASTS)
    return kept.split(BETWEEN) if kept else []


class KnownBrowsers:
    """Set the cookie on the answer to a sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if marks := getattr(request, _SET, None):
            response.set_signed_cookie(
                settings.KNOWN_BROWSER_COOKIE,
                BETWEEN.join(marks),
                salt=SALT,
                max_age=LASTS,
                secure=settings.SESSION_COOKIE_SECURE,
                path="/accounts/",  # so that public pages stay free of cookies
                httponly=True,
                samesite="Lax",
            )
        return response
