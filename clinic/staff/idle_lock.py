"""Lock a session of staff after as long without use as the clinic says: the server refuses, whatever the screen still shows.

Locked, nothing but a passkey, an app's code or a recovery code opens the session again, or on a shared tablet the PIN of
the day; what a form sent meanwhile is kept and done then. Source: portal §8, OWASP ASVS 5.0 7.3.1. Switched off with
`STAFF_SECOND_FACTOR`, as there is then nothing to unlock with.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clinic.accounts.models import User
from clinic.accounts.signing_in.proofs import is_by_pin
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.staff.enrolment import is_guarded
from clinic.staff.middleware import UNLOCKS, WAY_OUT, ask, proved_at
from clinic.staff.models import TabletPin
from clinic.staff.tablet.browser import ended_at, is_former, tablet_of, take_cookie

SHORTEST = 60  # seconds: no clinic locks sooner, so nothing is read of its settings before
NOTED_EVERY = 15  # seconds: a session is written no more often than that, and locks no more than that too early
SEEN, LOCKED = "staff_seen_at", "staff_locked_at"  # in the session, in seconds since 1970
BEYOND_PIN = ("/cms/", "/my/")  # whose pages do not ask for a right of `NOT_BY_PIN` themselves
# By path, as this layer knows nothing of the diary: its look for news, its kept copy of the day's sheet, its refresh.
POLLS, DIARY, REGION = frozenset({"/diary/version/", "/diary/sheet/offline/"}), "/diary/", "region"


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
        request.shared_tablet, request.is_by_pin = tablet_of(request), is_by_pin(request)  # type: ignore[attr-defined]  # for templates
        if is_former(request):
            return self._no_tablet_any_more(request, user)
        response = self._refused(request, user) or self.get_response(request)
        if tablet_of(request):
            response.headers["Cache-Control"] = "no-store"  # whoever comes next presses Back
        return response

    def _refused(self, request: HttpRequest, user: User) -> HttpResponse | None:
        if is_locked(request, user):
            tablet = tablet_of(request)
            by_pin = tablet is not None and TabletPin.objects.live(clock.now()).filter(tablet=tablet).exists()
            return ask(request, user, by_pin=by_pin)
        is_beyond = is_beyond_pin(request.path_info) and is_by_pin(request)
        return ask(request, user) if is_beyond else None

    def _no_tablet_any_more(self, request: HttpRequest, user: User) -> HttpResponse:
        """Lock what was open on a tablet when it was revoked; from then on it is a browser like any other."""
        ended = ended_at(request)
        if ended and proved_at(request, user) <= ended.timestamp():
            lock(request.session)
        response = self._refused(request, user) or self.get_response(request)
        take_cookie(response)
        return response


def is_beyond_pin(path: str) -> bool:
    """Whether a session that a PIN opened may not go there, whatever the page itself asks."""
    return path.startswith(BEYOND_PIN)


def is_locked(request: HttpRequest, user: User) -> bool:
    """Whether the session is locked, or locks now; else note that it is in use."""
    session, now = request.session, time.time()
    proved = proved_at(request, user)
    if proved <= session.get(LOCKED, 0):
        return True
    if LOCKED in session:
        del session[LOCKED]
    rested = now - max(session.get(SEEN, 0), proved)
    if rested > SHORTEST and rested > locks_after(request):
        session[LOCKED] = now
        return True
    if not _asks_by_itself(request) and now - session.get(SEEN, 0) > NOTED_EVERY:
        session[SEEN] = now
    return False


def locks_after(request: HttpRequest) -> int:
    """Seconds without use after which the session locks: sooner where several share the screen."""
    clinic = ClinicSettings.load()
    minutes: int = clinic.lock_tablet_after_minutes if tablet_of(request) else clinic.lock_after_minutes
    return 60 * minutes


def lock(session: Any) -> None:
    """Lock the session at once."""
    session[LOCKED] = time.time()


def _asks_by_itself(request: HttpRequest) -> bool:
    """Whether the diary's page polled by itself, which is no use of the session."""
    if request.path_info in POLLS | {UNLOCKS}:
        return True
    return request.method == "GET" and request.path_info == DIARY and request.headers.get("HX-Trigger") == REGION
