"""The pages of an entry: see what is kept, take it or let it go, leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from bookings.online.forms.choose import ANY
from bookings.online.views import access
from bookings.online.views.booking.flow import address, go
from bookings.online.views.visit.page import broken_link, page
from bookings.timetable.models.hours import Weekday
from bookings.visits import addresses
from bookings.visits.policy import moves_until
from bookings.visits.refusals import SlotTaken
from bookings.waiting_list import answers
from bookings.waiting_list import entries as waiting
from bookings.waiting_list.models import Offer, WaitingEntry
from bookings.waiting_list.views.join import MOST_SHOWN, free_time
from bookings.waiting_list.views.opened import SESSION_KEY, has_open, is_of_account, remember_entry
from clinic.core import clock
from clinic.core.errors import DomainError


@require_safe
def waiting_link(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the secret in the address for a clean one. Changes nothing but this visitor's session."""
    entry = WaitingEntry.objects.for_link(token).first()
    return broken_link(request) if entry is None else _opened(request, entry)


@require_safe
def offer_link(request: HttpRequest, token: str) -> HttpResponse:
    offer = Offer.objects.for_link(token).select_related("entry").first()
    return broken_link(request) if offer is None else _opened(request, offer.entry)


def _opened(request: HttpRequest, entry: WaitingEntry) -> HttpResponse:
    if request.method != "HEAD":
        remember_entry(request, entry)
    return redirect("bookings:waiting", entry.reference)


def for_those_who_wait(
    view: Callable[[HttpRequest, WaitingEntry], HttpResponse],
) -> Callable[[HttpRequest, str], HttpResponse]:
    """Hand the entry to the view; others learn only that the link does not work."""

    @wraps(view)
    def guarded(request: HttpRequest, reference: str) -> HttpResponse:
        entries = WaitingEntry.objects.select_related("patient", "treatment").prefetch_related("practitioners")
        is_known = reference in request.session.get(SESSION_KEY, {}) or request.user.is_authenticated
        entry = entries.filter(reference=reference).first() if is_known else None
        if entry is None or not (has_open(request, entry) or is_of_account(request, entry)):
            return broken_link(request)
        return view(request, entry)

    return guarded


@page
@for_those_who_wait
def entry(request: HttpRequest, entry: WaitingEntry) -> HttpResponse:
    """See what is kept; POST `do` = take or decline with the `offer` that the page showed, or leave."""
    offers_made = entry.offers.select_related("appointment__location", "practitioner", "entry__patient")
    offer, act = offers_made.first(), request.POST.get("do")
    if act in {"take", "decline"}:
        return _answer(request, entry, act, shown=_named(request, offers_made), latest=offer)
    if act == "leave" and waiting.leave(entry, clock.now()):
        messages.success(request, "You have left the waiting list.")
    if request.method == "POST":
        return redirect("bookings:waiting", entry.reference)
    return _page(request, entry, offer)


def _named(request: HttpRequest, offers_made: QuerySet[Offer]) -> Offer | None:
    """The offer that the form was made for."""
    written = request.POST.get("offer", "")
    is_number = written.isdecimal() and len(written) < 19  # noqa: PLR2004 -- fits the column
    return offers_made.filter(pk=int(written)).first() if is_number else None


def _answer(
    request: HttpRequest, entry: WaitingEntry, act: str, *, shown: Offer | None, latest: Offer | None
) -> HttpResponse:
    """Take or decline the offer that was shown, never a later one that the page did not know."""
    if shown is None:
        return _page(request, entry, latest, refusal="Please look again: this is how things stand now.")
    if act == "take":
        return _take(request, entry, shown)
    if answers.decline(shown, clock.now()):
        messages.success(request, "We have let that time go. You stay on the list.")
    else:
        messages.info(request, "You have booked that time already. If you cannot come, please cancel the visit.")
    return redirect("bookings:waiting", entry.reference)


def _take(request: HttpRequest, entry: WaitingEntry, offer: Offer) -> HttpResponse:
    try:
        visit = answers.take(offer, clock.now())
    except SlotTaken as taken:
        return _page(request, entry, offer, refusal=str(taken), nearest=taken)
    except DomainError as refusal:
        return _page(request, entry, offer, refusal=str(refusal))
    access.remember_booked(request, visit)
    if offer.state != Offer.State.TAKEN:
        messages.success(request, "Booked. We will send you a confirmation.")
    return go("visit", {}, visit.reference)


def _page(
    request: HttpRequest,
    entry: WaitingEntry,
    offer: Offer | None,
    *,
    refusal: str = "",
    nearest: SlotTaken | None = None,
) -> HttpResponse:
    now = clock.now()
    waits, is_open = entry.state == WaitingEntry.State.WAITING, _is_open(offer, now)
    found = waiting.free_for(entry, now)[:MOST_SHOWN] if waits and not is_open else []
    context = {
        "entry": entry,
        "offer": offer,
        "found": [free_time(entry.treatment, slot) for slot in found],
        "changes_until": moves_until(offer.appointment, now) if offer else None,
        "price": offer.appointment.agreed_price if offer else "",
        "now": now,
        "is_open": is_open,
        "is_late": bool(offer and offer.state in {Offer.State.OPEN, Offer.State.LAPSED} and offer.starts_at > now),
        "waits": waits,
        "days": wished_days(entry),
        "refusal": refusal,
        "nearest": nearest.alternatives if nearest else [],
        "book_url": address("when", {"treatment": entry.treatment.slug, "with": ANY}),
        "link": link_of(entry) if has_open(request, entry) else "",
    }
    return render(request, "bookings/waiting_list/entry.html", context, status=409 if refusal else 200)


def _is_open(offer: Offer | None, now: datetime) -> bool:
    return bool(offer and offer.state == Offer.State.OPEN and offer.expires_at > now)


def wished_days(entry: WaitingEntry) -> str:
    """`any day`, or the names of the days that suit."""
    if len(entry.weekdays) == len(Weekday):
        return "any day"
    return ", ".join(Weekday(day).label for day in sorted(entry.weekdays))


def link_of(entry: WaitingEntry) -> str:
    try:
        return addresses.of_waiting(entry)
    except ValueError:  # the clinic's key was changed since: the link that was kept still works
        return ""
