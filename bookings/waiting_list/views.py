"""The waiting list as a patient meets it: join, see what is kept for her, take it or let it go, leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bookings.engine.availability.nearest import next_slots
from bookings.engine.consultations import opened_for
from bookings.online.first_visit import first_before
from bookings.online.forms.choose import ANY
from bookings.online.views import access
from bookings.online.views.booking.flow import Choice, address, go
from bookings.online.views.booking.params import GONE
from bookings.online.views.visit.page import broken_link, page
from bookings.timetable.models.hours import Weekday
from bookings.visits import addresses
from bookings.visits.policy import moves_until, policy_for
from bookings.visits.refusals import SlotTaken, TooYoung
from bookings.visits.slot import Slot
from bookings.waiting_list import answers, offers
from bookings.waiting_list import entries as waiting
from bookings.waiting_list.forms import JoinForm
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.accounts.permissions import diary_staff_required
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice, take_notice

SESSION_KEY = "waiting"
MOST_OPENED = 20
MOST_SHOWN = 3


@page
def join(request: HttpRequest) -> HttpResponse:
    """`?treatment=<slug>[&with=<slug>]`; without a treatment, choose one first."""
    choice, now = Choice.read(request.GET), clock.now()
    if choice.treatment is None:
        return go("choose", GONE if request.GET.get("treatment") else {})
    named = [choice.practitioner.slug] if choice.practitioner else []
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        treatment=choice.treatment,
        today=clock.today(now),
        initial={"practitioners": named},
    )
    found: list[Slot] = []
    if form.is_valid() and "anyway" not in request.POST:
        found = waiting.free_instead(treatment=choice.treatment, now=now, **form.wishes)
    if form.is_valid() and not found:
        try:
            proved = access.proved_patients(request)
            entry = waiting.join(
                treatment=choice.treatment,
                details=replace(form.details, proved=proved),
                now=now,
                opened=_opened_entries(request),
                **form.wishes,
            )
        except TooYoung:
            return go("too_young", {**choice.params, "for": "waiting"})
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return _joined(request, entry, now, is_proved=entry.patient_id in proved)
    is_shut = choice.treatment.is_gated and not opened_for(access.proved_patients(request), [choice.treatment], now)
    context = {
        "form": form,
        "found": [_free(choice.treatment, slot) for slot in found[:MOST_SHOWN]],
        "free": [] if form.is_bound or is_shut else [_free(choice.treatment, slot) for slot in _next(choice, now)],
        "is_shut": is_shut,
        "first_url": _first_url(choice.treatment) if is_shut else "",
        "treatment": choice.treatment,
        "horizon": clock.today(now + policy_for(choice.treatment).horizon),
        "back_url": address("when", {"treatment": choice.treatment.slug, "with": choice.who or ANY}),
    }
    return render(request, "bookings/waiting/join.html", context)


def _first_url(treatment: Treatment) -> str:
    """Where to book what comes before a gated treatment; nothing if that is not booked online."""
    first = first_before(treatment)
    return address("when", {"treatment": first.slug, "with": ANY}) if first else ""


@dataclass(frozen=True, slots=True)
class Free:
    """A time that can be booked instead of waiting; `href` shows it among the times of its day."""

    slot: Slot
    href: str


def _free(treatment: Treatment, slot: Slot) -> Free:
    day = clock.today(slot.starts_at).isoformat()
    return Free(slot, address("when", {"treatment": treatment.slug, "with": slot.practitioner_slug, "day": day}))


def _next(choice: Choice, now: datetime) -> list[Slot]:
    if choice.treatment is None:
        return []
    return next_slots(treatment=choice.treatment, practitioner=choice.practitioner, now=now, limit=MOST_SHOWN)


def _joined(request: HttpRequest, entry: WaitingEntry, now: datetime, *, is_proved: bool) -> HttpResponse:
    """Open the entry to who has made it by this very request, or had it open. Others may know a patient's name and
    birthday too, and must not see, take or refuse what is kept for her."""
    was_on_the_list = entry.created_at != now
    if was_on_the_list and not is_proved and not _has_open(request, entry):
        return render(request, "bookings/waiting/already.html", {"entry": entry})
    _remember(request, entry)
    told = "You were on the list already. What suits you is changed, and your place is the same."
    if not was_on_the_list:
        told = "You are on the list. We email you the link to this page, and write when a time comes free."
    messages.success(request, told)
    return redirect("bookings:waiting", entry.reference)


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
        _remember(request, entry)
    return redirect("bookings:waiting", entry.reference)


def for_those_who_wait(
    view: Callable[[HttpRequest, WaitingEntry], HttpResponse],
) -> Callable[[HttpRequest, str], HttpResponse]:
    """Hand the entry to the view; others learn only that the link does not work."""

    @wraps(view)
    def guarded(request: HttpRequest, reference: str) -> HttpResponse:
        entries = WaitingEntry.objects.select_related("patient", "treatment").prefetch_related("practitioners")
        is_known = reference in request.session.get(SESSION_KEY, {})
        entry = entries.filter(reference=reference).first() if is_known else None
        if entry is None or not _has_open(request, entry):
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
    access.remember(request, visit)
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
        "found": [_free(entry.treatment, slot) for slot in found],
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
        "link": _link_of(entry),
    }
    return render(request, "bookings/waiting/entry.html", context, status=409 if refusal else 200)


def _is_open(offer: Offer | None, now: datetime) -> bool:
    return bool(offer and offer.state == Offer.State.OPEN and offer.expires_at > now)


def wished_days(entry: WaitingEntry) -> str:
    """`any day`, or the names of the days that suit."""
    if len(entry.weekdays) == len(Weekday):
        return "any day"
    return ", ".join(Weekday(day).label for day in sorted(entry.weekdays))


def _link_of(entry: WaitingEntry) -> str:
    try:
        return addresses.of_waiting(entry)
    except ValueError:  # the clinic's key was changed since: the link that was kept still works
        return ""


def _opened_entries(request: HttpRequest) -> frozenset[str]:
    """References of the entries that this session opened by links that still hold."""
    opened = request.session.get(SESSION_KEY, {})
    entries = WaitingEntry.objects.filter(reference__in=opened) if opened else ()
    return frozenset(entry.reference for entry in entries if _has_open(request, entry))


def _has_open(request: HttpRequest, entry: WaitingEntry) -> bool:
    """Whether this session opened the entry by a link that still holds."""
    opened = request.session.get(SESSION_KEY, {}).get(entry.reference)
    return bool(opened == bytes(entry.link_digest).hex())


def _remember(request: HttpRequest, entry: WaitingEntry) -> None:
    opened = {**request.session.get(SESSION_KEY, {}), entry.reference: bytes(entry.link_digest).hex()}
    request.session[SESSION_KEY] = dict(list(opened.items())[-MOST_OPENED:])


@require_http_methods(["GET", "HEAD", "POST"])
@diary_staff_required
def diary_waiting(request: HttpRequest) -> HttpResponse:
    """Everyone who waits. POST `do=remove` with `entry`, or `do=offer` to look for times at once."""
    now = clock.now()
    if request.method == "POST":
        if request.POST.get("do") == "offer":
            made = len(offers.sweep(now, by_staff=True))
            found = f"{made} time{'s' if made > 1 else ''} offered." if made else "No free time suits anyone just now."
            leave_notice(request, found)
        elif request.POST.get("do") == "remove":
            gone = get_object_or_404(WaitingEntry, reference=request.POST.get("entry", "").replace("\0", ""))
            waiting.leave(gone, now)
            leave_notice(request, f"{gone.patient.full_name} is off the list. Nothing was sent.")
        return redirect(reverse("bookings:diary_waiting"))
    entries = (
        WaitingEntry.objects.waiting()
        .select_related("patient", "treatment")
        .prefetch_related("practitioners", "offers")
    )
    rows = [
        {
            "entry": entry,
            "days": wished_days(entry),
            "offer": next((one for one in entry.offers.all() if one.state == Offer.State.OPEN), None),
            "declined": sum(one.state != Offer.State.OPEN for one in entry.offers.all()),
        }
        for entry in entries
    ]
    context = {"section": "waiting", "rows": rows, "now": now, "notice": take_notice(request)}
    return render(request, "bookings/diary_waiting.html", context)
