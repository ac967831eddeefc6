"""Set how long somebody stays signed in. A tick on the sign-in page counts for patients alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest

from clinic.accounts.models import User

REMEMBER = "remember"  # the tick's name, and where it waits while somebody gives a second factor
OF_STAFF = timedelta(hours=12)
IF_CHOSEN = 30 * 24 * 3600  # seconds without a visit
AT_MOST = timedelta(days=90)
UNTIL_BROWSER_CLOSES = 0


def keep_tick(request: HttpRequest) -> None:
    """Remember what was ticked until the sign-in is complete, which may take another page."""
    if request.POST.get(REMEMBER):
        request.session[REMEMBER] = True


def set_length(request: HttpRequest, user: User, now: datetime) -> None:
    """Set how long the session that has just begun lasts."""
    keep_tick(request)
    is_chosen = request.session.pop(REMEMBER, False) and not user.is_staff
    request.session.set_expiry(IF_CHOSEN if is_chosen else UNTIL_BROWSER_CLOSES)
    request.session.end_at(now + (OF_STAFF if user.is_staff else AT_MOST))  # type: ignore[attr-defined]  # our store's
