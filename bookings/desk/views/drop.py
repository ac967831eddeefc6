"""Where a visit could be dropped, asked while someone holds its card. Nothing is written."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from bookings.desk.drop import STEP, drops_on
from bookings.desk.views.versions import visit_of
from bookings.engine.status_changes import can_change_time
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.date_fields import read_day

KNOWN = {"visit", "day"}


@require_safe
@needs(Right.CHANGE_OWN_DIARY)
def drop(request: HttpRequest) -> HttpResponse:
    """`?visit=<reference>&day=YYYY-MM-DD`: per practitioner the ranges of start times, see `Drops`.

    400: a parameter is unknown or not a day. 404: no such visit. 409: it is not a coming one.
    """
    if unknown := sorted(set(request.GET) - KNOWN):
        return _wrong(f"Unknown: {', '.join(unknown)}. Known are visit and day.", 400)
    day = read_day(request.GET.get("day"))
    if day is None:
        return _wrong("Give the day as YYYY-MM-DD.", 400)
    visit = visit_of(request, request.GET.get("visit", "").replace("\x00", ""))
    if not can_change_time(visit):
        return _wrong("Only a coming visit can be moved.", 409)
    columns = {slug: asdict(drops) for slug, drops in drops_on(day, visit, now=clock.now()).items()}
    return JsonResponse({"version": visit.version, "step": STEP, "columns": columns})


def _wrong(error: str, status: int) -> JsonResponse:
    return JsonResponse({"error": error}, status=status)
