"""Whether the day that a screen shows still stands, asked every few seconds by each open diary."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from bookings.desk.models import current_version
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.date_fields import read_day


@require_safe
@needs(Right.SEE_DIARY)
def version(request: HttpRequest) -> HttpResponse:
    """`?day=YYYY-MM-DD&v=<version>`: 204 if that is the version of the day, else the one that is."""
    day = read_day(request.GET.get("day")) or clock.today()
    current = current_version(day)
    if request.GET.get("v") == current:
        return HttpResponse(status=204)
    return HttpResponse(current, content_type="text/plain")
