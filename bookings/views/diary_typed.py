"""What someone unproven typed for a visit: staff take it over to the patient's record, or let it go."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from bookings.domain import typed
from bookings.models import Appointment
from bookings.views.diary_notice import leave_notice
from clinic.accounts.permissions import diary_staff_required


@require_POST
@diary_staff_required
def judge_typed(request: HttpRequest, reference: str) -> HttpResponse:
    """`do` is accept or dismiss."""
    visit = get_object_or_404(Appointment.objects.visits(), reference=reference)
    if request.POST.get("do") == "accept":
        typed.accept(visit)
        leave_notice(request, "The record is changed. Messages go there from now on.")
    elif request.POST.get("do") == "dismiss":
        typed.dismiss(visit)
        leave_notice(request, "The record stays as it was.")
    return redirect("bookings:diary_visit", visit.reference)
