"""Know the browser of a shared tablet by its cookie, and give and take it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse  # noqa: TID251 -- of the browser itself

from clinic.core import clock
from clinic.staff.models import Tablet

_FOUND = "_tablet"


def tablet_of(request: HttpRequest) -> Tablet | None:
    """The tablet that this browser is, while it is not revoked; looked up once a request, and only with a cookie."""
    if not hasattr(request, _FOUND):
        token = request.COOKIES.get(settings.TABLET_COOKIE, "")
        found = Tablet.objects.live(clock.now()).for_link(token).first() if token else None
        setattr(request, _FOUND, found)
    tablet: Tablet | None = getattr(request, _FOUND)
    return tablet


def is_former(request: HttpRequest) -> bool:
    """Whether this browser has a cookie that makes it no tablet any more."""
    return settings.TABLET_COOKIE in request.COOKIES and tablet_of(request) is None


def ended_at(request: HttpRequest) -> datetime | None:
    """When it stopped being one: revoked, or its time ran out. None if it never was."""
    tablet = Tablet.objects.for_link(request.COOKIES.get(settings.TABLET_COOKIE, "")).first()
    return (tablet.revoked_at or tablet.ends_at) if tablet else None


def give_cookie(response: HttpResponse, tablet: Tablet) -> None:
    response.set_cookie(
        settings.TABLET_COOKIE,
        tablet.link_token,
        expires=tablet.ends_at,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def take_cookie(response: HttpResponse) -> None:
    response.delete_cookie(settings.TABLET_COOKIE, samesite="Lax")  # secure by itself, as its name begins with __Host-
