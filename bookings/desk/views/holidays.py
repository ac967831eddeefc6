"""Public holidays: staff see which days are closed, and the owner opens one or closes it again."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from bookings.timetable.models import OpenedHoliday
from bookings.visits.models import Appointment, BookingSettings
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right, may
from clinic.core import clock
from clinic.core.calendar.holidays import public_holidays
from clinic.core.web.flash import leave_notice, take_notice

AHEAD = timedelta(days=550)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DIARY, to_change=Right.OPEN_HOLIDAYS)
def holidays(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    coming = public_holidays(today, today + AHEAD)
    if request.method == "POST":
        return _open_or_close(request, coming)
    opened = set(OpenedHoliday.objects.values_list("day", flat=True))
    visits = _visits_on(list(coming))
    context = {
        "section": "diary",
        "days": [
            {"day": day, "name": name, "is_open": day in opened, "visits": visits.get(day, 0)}
            for day, name in coming.items()
        ],
        "closes": BookingSettings.load().closes_on_public_holidays,
        "may_change": may(request.user, Right.OPEN_HOLIDAYS),
        "notice": take_notice(request),
    }
    return render(request, "bookings/desk/holidays.html", context)


def _open_or_close(request: HttpRequest, coming: dict[date, str]) -> HttpResponse:
    name_of = {day.isoformat(): (day, name) for day, name in coming.items()}
    day, name = name_of.get(request.POST.get("day", ""), (None, ""))
    if day is not None and request.POST.get("do") == "open":
        OpenedHoliday.objects.get_or_create(day=day)
        leave_notice(request, f"{name} is open: times on {day:%-d %B} can be booked.")
    elif day is not None:
        OpenedHoliday.objects.filter(day=day).delete()
        leave_notice(request, f"{name} is closed. Visits that are booked on {day:%-d %B} stand.")
    return redirect("bookings:holidays")


def _visits_on(days: list[date]) -> dict[date, int]:
    if not days:
        return {}
    first, last = clock.day_bounds(days[0])[0], clock.day_bounds(days[-1])[1]
    counted: dict[date, int] = {}
    rows = Appointment.objects.upcoming(clock.now()).in_span(first, last).values_list("during", flat=True)
    for during in rows:
        day = clock.today(during.lower)
        counted[day] = counted.get(day, 0) + 1
    return counted
