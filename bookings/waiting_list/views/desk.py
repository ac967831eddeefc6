"""Who waits, as the desk sees it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bookings.visits.access import sees_all
from bookings.waiting_list import entries as waiting
from bookings.waiting_list import offers
from bookings.waiting_list.models import Offer, WaitingEntry
from bookings.waiting_list.views.entry import wished_days
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.web.flash import leave_notice, take_notice


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_WAITING_LIST, to_change=Right.CHANGE_WAITING_LIST)
def diary_waiting(request: HttpRequest) -> HttpResponse:
    """Everyone who waits. POST `do=remove` with `entry`, or `do=offer` to look for times at once."""
    now = clock.now()
    if request.method == "POST":
        if request.POST.get("do") == "offer":
            if not sees_all(request.user):
                raise PermissionDenied
            made = len(offers.sweep(now, by_staff=True))
            found = f"{made} time{'s' if made > 1 else ''} offered." if made else "No free time suits anyone just now."
            leave_notice(request, found)
        elif request.POST.get("do") == "remove":
            reference = request.POST.get("entry", "").replace("\0", "")
            gone = get_object_or_404(WaitingEntry.objects.visible_to(request.user), reference=reference)
            waiting.leave(gone, now)
            leave_notice(request, f"{gone.patient.full_name} is off the list. Nothing was sent.")
        return redirect(reverse("bookings:diary_waiting"))
    entries = (
        WaitingEntry.objects.visible_to(request.user)
        .waiting()
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
    context = {
        "section": "waiting",
        "rows": rows,
        "may_offer_all": sees_all(request.user),
        "now": now,
        "notice": take_notice(request),
    }
    return render(request, "bookings/waiting_list/desk.html", context)
