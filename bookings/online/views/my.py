from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.online.views.account import own_patients, visits_of_account
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.appointment import AppointmentQuerySet
from bookings.visits.models.statuses import UPCOMING, Status
from bookings.visits.policy import may_cancel, moves_until
from clinic.accounts.permissions import user_of
from clinic.core import clock

PAST_ON_A_PAGE = 20
COMING = (*UPCOMING, Status.ARRIVED, Status.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Coming:
    """A visit that is to come or going on, and what can be done about it online."""

    visit: Appointment
    may_move: bool
    may_cancel: bool


@require_safe
@login_required
def my(request: HttpRequest) -> HttpResponse:
    """The visits that the account opens: those to come, then what is past, the latest first. `?page=`."""
    user, now = user_of(request), clock.now()
    visits = visits_of_account(user, now).with_details()
    is_coming = Q(status__in=COMING, during__endswith__gt=now)
    past = visits.exclude(is_coming).order_by("-during", "-pk")
    own = own_patients(user, now).first()
    context = {
        "coming": _coming(visits.filter(is_coming).order_by("during", "pk"), now),
        "page": Paginator(past, PAST_ON_A_PAGE).get_page(request.GET.get("page")),
        "own": own,
        "user": user,
        "section": "my",
    }
    return render(request, "bookings/online/my.html", context)


def _coming(visits: AppointmentQuerySet, now: datetime) -> list[Coming]:
    settings = BookingSettings.load()
    found = []
    for visit in visits:
        is_open = may_cancel(visit, now)
        found.append(Coming(visit, is_open and moves_until(visit, now, settings) is not None, is_open))
    return found
