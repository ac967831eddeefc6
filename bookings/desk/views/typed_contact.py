"""What someone unproven typed for a visit: staff take it over to the patient's record, or let it go."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from bookings.desk import typed_contact as typed
from bookings.desk.views.landing import back_to
from bookings.visits.access import visits_of
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core.web.flash import leave_notice
from clinic.core.web.posted import posted_to


@posted_to("bookings:diary_visit")
@needs(Right.CORRECT_PATIENTS)
def judge_typed(request: HttpRequest, reference: str) -> HttpResponse:
    """`do` is accept or dismiss, of what the page has `shown`."""
    visit = get_object_or_404(visits_of(request.user).visits(), reference=reference)
    seen, act = request.POST.get("shown", ""), request.POST.get("do")
    if act not in {"accept", "dismiss"}:
        return back_to(request, visit.reference)
    is_done = typed.accept(visit, seen) if act == "accept" else typed.dismiss(visit, seen)
    told = {"accept": "The record is changed. Messages go there from now on.", "dismiss": "The record stays as it was."}
    leave_notice(request, told[act] if is_done else "Nothing is changed: this was dealt with, or changed, meanwhile.")
    return back_to(request, visit.reference)
