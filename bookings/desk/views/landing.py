"""Where a page of the diary leads back to: the page it was opened from, named in its address as `next`."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from bookings.desk.views.address import next_of
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.date_fields import read_day
from clinic.core.formats import long_day

CARDS = ("#g", "#l")  # what a card's id on the grid, or in the list, begins with
PAGES = {
    "lately": "Lately",
    "time": "Hours and leave",
    "patients": "Patients",
    "patient": "Back to the record",
    "diary_visit": "Back to the visit",
    "person": "Back to the person",
}
NAMES = {"week": "Week", "month": "Month", "room": "Rooms"}


def landing(request: HttpRequest, reference: str, otherwise: str = "") -> str:
    """The page to go back to after a change of this visit; where it ends in `#g` or `#l`, its card there."""
    place = next_of(request)
    return f"{place}-{reference}" if place.endswith(CARDS) else place or otherwise or visit_address(reference)


def back_to(request: HttpRequest, reference: str, otherwise: str = "") -> HttpResponse:
    return redirect(landing(request, reference, otherwise))


def place_of(request: HttpRequest, reference: str) -> str:
    """The page that the page of this visit was opened from, also when its own form was just sent."""
    place = next_of(request)
    if not place.startswith(visit_address(reference)):
        return place
    return next_of(request, parse_qs(urlsplit(place).query).get("next", [""])[0])


def asking(place: str) -> str:
    """What an address ends in to lead back to this page: `?next=…`."""
    return f"?next={quote(place, safe='')}" if place else ""


def visit_address(reference: str, place: str = "") -> str:
    """The page of a visit, which leads back to `place`."""
    return reverse("bookings:diary_visit", args=[reference]) + asking(place)


def leads_back(request: HttpRequest, visit: Appointment) -> dict[str, str]:
    """What the templates of a visit's pages need to lead back; without a place to the visit's day."""
    reference = visit.reference
    place = place_of(request, reference)
    day = clock.today(visit.starts_at)
    struck = f"&cancelled=1#g-{reference}" if visit.status == Status.CANCELLED else ""
    of_the_day = f"{reverse('bookings:diary')}?day={day}{struck}"
    return {
        "place": place,
        "asking": asking(place),
        "here": visit_address(reference, place),
        "and_place": asking(place).replace("?", "&", 1),
        "place_url": f"{place}-{reference}" if place.endswith(CARDS) else place or of_the_day,
        "place_name": name_of(place) if place else long_day(day),
    }


def name_of(place: str) -> str:
    """What the link back says."""
    found = urlsplit(place)
    try:
        page = resolve(found.path).url_name or ""
    except Resolver404:
        page = ""
    if page != "diary":
        return PAGES.get(page, "Back")
    asked = parse_qs(found.query)
    shown = asked.get("by", asked.get("view", [""]))[0]
    return NAMES.get(shown) or long_day(read_day(asked.get("day", [""])[0]) or clock.today())
