"""The browsers somebody is signed in with: each in words, and when it was last seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from clinic.core import clock

NOTED = "device_noted"  # in sessions that began at the sign-in page
EVERY = timedelta(minutes=1)
# The first that fits: others name themselves too, so that pages made for those work.
BROWSERS = (
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|OPiOS/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"(Headless)?Chrome/|CriOS/"),
    ("Safari", r"Version/\S+ .*Safari/"),
)
SYSTEMS = (
    ("an iPad", r"iPad"),
    ("an iPhone", r"iPhone"),
    ("an Android phone", r"Android.*Mobile"),
    ("an Android tablet", r"Android"),
    ("Windows", r"Windows"),
    ("a Mac", r"Macintosh|Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)


def in_words(user_agent: str) -> str:
    """Name the browser and the system of a `User-Agent`: “Chrome on Windows”."""
    browser = next((name for name, pattern in BROWSERS if re.search(pattern, user_agent)), "")
    system = next((name for name, pattern in SYSTEMS if re.search(pattern, user_agent)), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or (f"A browser on {system}" if system else "A browser we do not know")


def note_device(request: HttpRequest) -> None:
    """Mark the session as one whose use `LastSeen` notes."""
    request.session[NOTED] = True


class LastSeen:
    """Note once a minute that a session is in use; allauth's own way writes a row with every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.accessed and NOTED in request.session:
            self._note(request.session.session_key or "")
        return response

    def _note(self, key: str) -> None:
        name = f"seen:{sha256(key.encode()).hexdigest()}"
        if cache.add(name, 1, timeout=EVERY.total_seconds()):
            UserSession.objects.filter(session_key=key).update(last_seen_at=clock.now())
