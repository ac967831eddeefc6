"""Today's sheet kept on a device, for when it loses its connection: what is kept, and the service worker that keeps it.

Names and what else tells of a person are left out unless the owner's switch is on.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.desk.sheet.day_sheet import sheets
from bookings.desk.team import team_of
from bookings.visits.access import sees_all
from bookings.visits.models import BookingSettings
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock

LONGEST = timedelta(hours=12)  # without a connection; a device that has one keeps it anew every ten minutes


@require_safe
@needs(Right.SEE_DIARY)
def offline(request: HttpRequest) -> HttpResponse:
    """What a device keeps: today's sheets, as the reader may see them; until `X-Sheet-Until` and no longer."""
    now = clock.now()
    day, settings = clock.today(now), BookingSettings.load(request_or_site=request)
    team = team_of(user_of(request), day, day, is_everyone=sees_all(request.user, settings))
    shown = {
        "day": day,
        "now": now,
        "sheets": sheets(day=day, practitioners=team, now=now, settings=settings),
        "hides_people": not settings.keeps_names_offline,
    }
    answer = render(request, "bookings/desk/sheet/offline.html", shown)
    answer.headers["X-Sheet-Until"] = _until(request, day, now).isoformat(timespec="seconds")
    return answer


def _until(request: HttpRequest, day: date, now: datetime) -> datetime:
    """The end of its day, of the reader's session or of `LONGEST`, whichever comes first."""
    session = Session.objects.filter(session_key=request.session.session_key)
    ends = [clock.day_bounds(day)[1], now + LONGEST, *session.values_list("expire_date", flat=True)]
    return min(ends)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: its address lets it speak for `/diary/`, and for nothing else."""
    return render(request, "bookings/desk/sheet/worker.js", content_type="text/javascript")
