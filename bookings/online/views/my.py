from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.online.views.account import visits_of
from clinic.accounts.models import User
from clinic.core import clock

MOST_PAST = 50


@login_required
@require_safe
def my(request: HttpRequest) -> HttpResponse:
    """The visits of the patient who has signed in."""
    if not isinstance(request.user, User):
        raise TypeError("login_required lets in users only.")
    now = clock.now()
    visits = visits_of(request.user, now).with_details()
    context = {
        "upcoming": visits.upcoming(now).order_by("during"),
        "past": visits.filter(during__endswith__lte=now).order_by("-during")[:MOST_PAST],
        "user": request.user,
        "section": "my",
    }
    return render(request, "bookings/online/my.html", context)
