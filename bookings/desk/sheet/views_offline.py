"""Today's sheet kept on a device, for when it loses its connection: what is kept, and the service worker that keeps it.

Names and what else tells of a person are left out unless the owner's switch is on.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.desk.sheet.day_sheet import sheets
from bookings.desk.team import team_of
from bookings.visits.access import sees_all
from bookings.visits.models import BookingSettings
from clinic.accounts.models import User
from clinic.accounts.permissions import diary_staff_required
from clinic.core import clock


@require_safe
@diary_staff_required
def offline(request: HttpRequest) -> HttpResponse:
    """What a device keeps: today's sheets, as the reader may see them. `X-Sheet-Day` is their local day."""
    assert isinstance(request.user, User)  # noqa: S101 -- the guard let only staff in
    now = clock.now()
    day, settings = clock.today(now), BookingSettings.load(request_or_site=request)
    team = team_of(request.user, day, day, is_everyone=sees_all(request.user, settings))
    shown = {
        "day": day,
        "now": now,
        "sheets": sheets(day=day, practitioners=team, now=now, settings=settings),
        "hides_people": not settings.keeps_names_offline,
    }
    answer = render(request, "bookings/desk/sheet/offline.html", shown)
    answer.headers["X-Sheet-Day"] = f"{day}"
    return answer


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: its address lets it speak for `/diary/`, and for nothing else."""
    return render(request, "bookings/desk/sheet/worker.js", content_type="text/javascript")
