"""The diary by day, week or month."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.desk.overview.days import days, month_of, week_of
from bookings.desk.overview.filters import STATUSES, read_filters
from bookings.desk.overview.rooms import rooms_on
from bookings.desk.views import diary as day_views
from bookings.timetable.models import Location
from bookings.visits.models import Appointment, BookingSettings
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.date_fields import read_day
from clinic.core.web.flash import take_notice
from clinic.practitioners.models import Practitioner

WEEK, MONTH, ROOM = "week", "month", "room"


@require_safe
@needs(Right.SEE_DIARY)
def diary(request: HttpRequest) -> HttpResponse:
    """`?view=week|month` shows many days, `?by=room` a day by room; all else the day: `bookings.desk.views.diary`."""
    if request.GET.get("by") == ROOM:
        return _rooms(request)
    view = request.GET.get("view")
    return _overview(request, view) if view in {WEEK, MONTH} else day_views.day(request)


def _overview(request: HttpRequest, view: str) -> HttpResponse:
    now = clock.now()
    shown = read_day(request.GET.get("day")) or clock.today(now)
    first, last = week_of(shown) if view == WEEK else month_of(shown)
    everyone = _everyone(first, last)
    chosen = next((person for person in everyone if person.slug == request.GET.get("with")), None)
    filters = read_filters(request.GET.dict())
    found = days(
        first=first,
        last=last,
        people=[chosen] if chosen else everyone,
        filters=filters,
        now=now,
        month=None if view == WEEK else shown.month,
        settings=BookingSettings.load(request_or_site=request),
        reader=request.user,
    )
    before, after = _beside(shown, view)
    context = {
        "section": "diary",
        "view": view,
        "title": f"{first:%-d %b} to {last:%-d %b %Y}" if view == WEEK else f"{shown:%B %Y}",
        "shown": shown,
        "today": clock.today(now),
        "is_now": first <= clock.today(now) <= last,
        "days": found,
        "is_empty": not any(day.is_open or day.count for day in found),
        "everyone": everyone,
        "chosen": chosen,
        "filters": filters,
        "locations": Location.objects.filter(is_active=True).order_by("name"),
        "treatments": Treatment.objects.filter(live=True).order_by("name"),
        "statuses": STATUSES,
        "links": {"before": _link(request, day=before), "after": _link(request, day=after), "here": _kept(request)},
        "notice": take_notice(request),
    }
    return render(request, "bookings/desk/overview/overview.html", context)


def _rooms(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    shown, filters = read_day(request.GET.get("day")) or clock.today(now), read_filters(request.GET.dict())
    context = {
        "section": "diary",
        "shown": shown,
        "today": clock.today(now),
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1),
        "filters": filters,
        "rooms": rooms_on(shown, filters=filters, now=now, reader=request.user),
    }
    return render(request, "bookings/desk/overview/rooms.html", context)


def _everyone(first: date, last: date) -> list[Practitioner]:
    """Whoever takes bookings or has a visit on these local days, as on the page of a day."""
    then = Appointment.objects.in_span(clock.day_bounds(first)[0], clock.day_bounds(last)[1]).values("practitioner")
    people = Practitioner.objects.filter(Q(live=True, is_bookable=True) | Q(pk__in=then))
    return list(people.order_by("position", "name"))


def _beside(shown: date, view: str) -> tuple[date, date]:
    if view == WEEK:
        return shown - timedelta(days=7), shown + timedelta(days=7)
    first = shown.replace(day=1)
    return (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=31)).replace(day=1)


def _link(request: HttpRequest, *, day: date) -> str:
    return f"?{urlencode(request.GET.dict() | {'day': day.isoformat()})}"


def _kept(request: HttpRequest) -> str:
    """What stays when a day is opened: `&with=…`."""
    chosen = request.GET.get("with")
    return f"&{urlencode({'with': chosen})}" if chosen else ""
