"""A practitioner's calendar feeds: the file that calendar programs fetch, and the page where addresses are made."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.desk.feeds import feed_file, feed_links, feed_rows
from bookings.desk.feeds.forms import FeedForm
from bookings.desk.feeds.models import CalendarFeed
from bookings.visits.models import BookingSettings
from clinic.accounts.fresh_sign_in import fresh_sign_in_required
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page
from clinic.core.web.rate_limits import Limit, count
from clinic.practitioners.models import Practitioner

READS = Limit("feed", 60, 3600)  # a feed; a program that asks every five minutes is far below


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed to whoever has its secret: no sign-in, no cookie, and a short answer while nothing has changed."""
    now = clock.now()
    feed = feed_links.open_feed(token, agent=request.headers.get("User-Agent", ""), now=now)
    if feed is None:
        response = _in_words("There is no calendar at this address. Its owner can make a new one in the diary.", 404)
    elif settings.RATE_LIMITS and (wait := count(READS, str(feed.pk))):
        response = _in_words("This calendar was read too often. Please come back later.", 429)
        response.headers["Retry-After"] = str(math.ceil(wait))
    else:
        rows = feed_rows.read(feed, now)
        mark = rows.mark(feed)
        response = get_conditional_response(request, etag=mark) or HttpResponse(
            feed_file.feed_file(feed, rows, now), content_type="text/calendar; charset=utf-8"
        )
        response.headers["ETag"] = mark
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.HAVE_FEEDS)
def index(request: HttpRequest) -> HttpResponse:
    """The reader's own feeds, of the owner everyone's; POST makes one, after a fresh sign-in."""
    may_name = BookingSettings.load(request_or_site=request).feeds_may_name_patients
    if request.method == "POST":
        return _make(request, may_name_patients=may_name)
    return _page(request, FeedForm(may_name_patients=may_name))


@require_POST
@needs(Right.HAVE_FEEDS)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    feed = get_object_or_404(CalendarFeed.objects.visible_to(user_of(request)), pk=pk)
    feed_links.revoke(feed, clock.now())
    leave_notice(request, f"{feed.name}: revoked. Its address opens nothing from now on.")
    return redirect("bookings:feeds")


@fresh_sign_in_required
def _make(request: HttpRequest, *, may_name_patients: bool) -> HttpResponse:
    """The address is shown in this very answer: after a redirect it would have to be kept."""
    practitioner = get_object_or_404(Practitioner, user=user_of(request))
    form = FeedForm(request.POST, may_name_patients=may_name_patients)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        made = feed_links.make(
            practitioner=practitioner,
            name=form.cleaned_data["name"],
            detail=form.detail_chosen,
            by=user_of(request),
            now=clock.now(),
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, status=409)
    return _page(request, FeedForm(may_name_patients=may_name_patients), made=made)


def _page(request: HttpRequest, form: FeedForm, *, made: CalendarFeed | None = None, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "feeds",
        "feeds": CalendarFeed.objects.visible_to(user_of(request)).select_related("practitioner", "made_by"),
        "practitioner": Practitioner.objects.filter(user=user_of(request)).first(),
        "form": form,
        "made": made,
        "address": feed_links.address_of(made) if made else "",
        "notice": take_notice(request),
    }
    return render_page(request, "bookings/desk/feeds/index.html", context, status=status)


def _in_words(said: str, status: int) -> HttpResponse:
    return HttpResponse(f"{said}\n", content_type="text/plain; charset=utf-8", status=status)
