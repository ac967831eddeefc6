"""Offer a free time of the diary to one of those who wait for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST

from bookings.desk.gaps import Gap, gaps_on
from bookings.desk.views.address import next_of
from bookings.visits.access import diaries_of
from bookings.waiting_list import by_hand
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.formats import desk_clock, desk_time, long_day
from clinic.core.web.flash import leave_notice
from clinic.practitioners.models import Practitioner

MOST_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_WAITING_LIST)
def offer(request: HttpRequest) -> HttpResponse:
    """Who waits for the gap around `at`, of the practitioner `with`. POST with `entry` offers them that very start."""
    asked = request.POST if request.method == "POST" else request.GET
    person = get_object_or_404(diaries_of(request.user), slug=asked.get("with", "").replace("\0", ""))
    at = _moment(asked.get("at", ""))
    if request.method != "POST":
        return _page(request, person, at)
    entries = WaitingEntry.objects.visible_to(request.user).select_related("patient", "treatment")
    entries = entries.prefetch_related("practitioners")
    entry = get_object_or_404(entries, reference=request.POST.get("entry", "").replace("\0", ""))
    now = clock.now()
    try:
        made = by_hand.offer_time(entry=entry, practitioner=person, starts_at=at, now=now)
    except DomainError as refusal:
        return _page(request, person, at, refusal=str(refusal))
    leave_notice(
        request,
        f"Offered to {entry.patient.short_name}: {desk_clock(made.starts_at)}. {_told(made, now)}",
        action=reverse("bookings:waiting_offer_undo"),
        fields={"offer": made.pk, "next": next_of(request)},
    )
    return redirect(next_of(request) or _day(at))


@require_POST
@needs(Right.CHANGE_WAITING_LIST)
def undo(request: HttpRequest) -> HttpResponse:
    """Take `offer` back, unless they have been told by now."""
    written = request.POST.get("offer", "")
    if not written.isdecimal() or len(written) > 18:  # noqa: PLR2004 -- fits the column
        raise Http404
    made = Offer.objects.select_related("entry__patient").filter(pk=int(written)).first()
    if made is None:  # taken back already
        return redirect(next_of(request) or "bookings:diary")
    if not diaries_of(request.user).filter(pk=made.practitioner_id).exists():
        raise Http404
    try:
        by_hand.take_back(made)
    except DomainError as refusal:
        leave_notice(request, str(refusal))
    else:
        leave_notice(request, f"{made.entry.patient.short_name}: not offered after all. Nothing was sent.")
    return redirect(next_of(request) or _day(made.starts_at))


def _moment(written: str) -> datetime:
    try:
        at = parse_datetime(written)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Http404
    return at


def _page(request: HttpRequest, person: Practitioner, at: datetime, *, refusal: str = "") -> HttpResponse:
    now = clock.now()
    gap = _gap_around(person, at, now)
    context: dict[str, Any] = {
        "section": "waiting",
        "person": person,
        "gap": gap,
        "minutes": (gap.ends_at - gap.starts_at) // timedelta(minutes=1) if gap else 0,
        "day": clock.today(at),
        "title": desk_time(gap.starts_at if gap else at),
        "rows": _rows(gap) if gap else [],
        "refusal": refusal,
        "next": next_of(request) or _day(at),
        "day_words": long_day(clock.today(at)),
    }
    return render(request, "bookings/waiting_list/gap.html", context, status=409 if refusal else 200)


def _gap_around(person: Practitioner, at: datetime, now: datetime) -> Gap | None:
    gaps = gaps_on(clock.today(at), [person.pk], now=now, most_named=MOST_SHOWN).get(person.pk, [])
    return next((gap for gap in gaps if gap.starts_at <= at < gap.ends_at), None)


def _rows(gap: Gap) -> list[dict[str, Any]]:
    named = {one.entry: one for one in gap.waits.named}
    entries = WaitingEntry.objects.select_related("patient", "treatment").in_bulk(list(named), field_name="reference")
    return [{"waits": one, "entry": entries[reference]} for reference, one in named.items()]


def _day(at: datetime) -> str:
    return f"{reverse('bookings:diary')}?day={clock.today(at)}"


def _told(made: Offer, now: datetime) -> str:
    due_at = made.messages.values_list("due_at", flat=True).first() or now
    at = f"at {desk_clock(due_at)}" if clock.today(due_at) == clock.today(now) else f"on {desk_time(due_at)}"
    return f"They are told {at}, and have until {desk_clock(made.expires_at)} to answer."
