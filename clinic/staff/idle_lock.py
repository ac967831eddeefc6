"""Lock a session of staff after as long without use as the clinic says: the server refuses, whatever the screen still shows.

Locked, nothing but a passkey, an app's code or a recovery code opens the session again; what a form sent meanwhile is
kept and done then. Source: portal §8, OWASP ASVS 5.0 7.3.1. Switched off with `STAFF_SECOND_FACTOR`, as there is then
nothing to unlock with.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clinic.accounts.models import User
from clinic.core.models import ClinicSettings
from clinic.staff.enrolment import is_guarded
from clinic.staff.middleware import WAY_OUT, ask

SHORTEST = 60  # seconds: no clinic locks sooner, so nothing is read of its settings before
NOTED_EVERY = 15  # seconds: a session is written no more often than that, and locks no more than that too early
SEEN, LOCKED = "staff_seen_at", "staff_locked_at"  # in the session, in seconds since 1970
POLL, DIARY, REGION = "/diary/version/", "/diary/", "region"  # by path, as this layer knows nothing of the diary


class IdleLock:
    """Ask for the second factor again in a locked session. Stands behind `SecondFactorOfStaff`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.STAFF_SECOND_FACTOR or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        user = request.user
        if request.path_info.startswith(WAY_OUT) or not isinstance(user, User) or not is_guarded(user):
            return self.get_response(request)
        refused = ask(request, user) if is_locked(request, user) else None
        return refused or self.get_response(request)


def is_locked(request: HttpRequest, user: User) -> bool:
    """Whether the session is locked, or locks now; else note that it is in use."""
    session, now = request.session, time.time()
    proved_at = max(
        (one["at"] for one in get_authentication_records(request, user) if one["method"] == "mfa"), default=0
    )
    if proved_at <= session.get(LOCKED, 0):
        return True
    if LOCKED in session:
        del session[LOCKED]
    rested = now - max(session.get(SEEN, 0), proved_at)
    if rested > SHORTEST and rested > ClinicSettings.load().lock_after_minutes * 60:
        session[LOCKED] = now
        return True
    if not _asks_by_itself(request) and now - session.get(SEEN, 0) > NOTED_EVERY:
        session[SEEN] = now
    return False


def lock(session: Any) -> None:
    """Lock the session at once."""
    session[LOCKED] = time.time()


def _asks_by_itself(request: HttpRequest) -> bool:
    """Whether the diary's page polled by itself, which is no use of the session."""
    if request.path_info == POLL:
        return True
    return request.method == "GET" and request.path_info == DIARY and request.headers.get("HX-Trigger") == REGION
