"""The first page of an account: its visits, what it waits for, and what can be done about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.online.views.my.opened import Opened, opened_by
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.appointment import AppointmentQuerySet
from bookings.visits.models.statuses import ACTIVE, UPCOMING, Status
from bookings.visits.policy import may_cancel, moves_until
from clinic.accounts.permissions import user_of
from clinic.core import clock
from clinic.patients.helping.opened import log_opened
from clinic.patients.models import AccessOpened, Patient

PAST_ON_A_PAGE = 20
COMING = (*UPCOMING, Status.ARRIVED, Status.IN_PROGRESS)
STANDING = tuple(set(ACTIVE) - {Status.HELD})


@dataclass(frozen=True, slots=True)
class Coming:
    """A visit that is to come or going on, and what can be done about it online.

    `course_left` counts the visits of its course that are not booked yet; 0 where there is none to book.
    """

    visit: Appointment
    may_move: bool
    may_cancel: bool
    course_left: int


@require_safe
@login_required
def my(request: HttpRequest) -> HttpResponse:
    """The visits that the account opens: those to come, then what is past, the latest first. `?page=`."""
    user, now = user_of(request), clock.now()
    opened = opened_by(user, now)
    visits: AppointmentQuerySet = Appointment.objects.visits()
    visits = visits.filter(patient__in=opened.with_visits).with_details()
    is_coming = Q(status__in=COMING, during__endswith__gt=now)
    past = visits.exclude(is_coming).order_by("-during", "-pk")
    log_opened(opened.of_others, AccessOpened.What.VISITS, now)
    coming = _coming(visits.filter(is_coming).order_by("during", "pk"), now)
    pages = Paginator(past, PAST_ON_A_PAGE)
    pages.count = opened.visits - len(coming)  # read with the accesses, not once more
    context = {
        "coming": coming,
        "waiting": _waiting(opened),
        "page": pages.get_page(request.GET.get("page")),
        "own": opened.own,
        "helped": [access.patient for access in opened.of_others],
        "user": user,
        "section": "my",
    }
    return render(request, "bookings/online/my/visits.html", context)


def _coming(visits: AppointmentQuerySet, now: datetime) -> list[Coming]:
    settings = BookingSettings.load()
    booked = Count(
        "follow_ups", filter=Q(follow_ups__status__in=STANDING, follow_ups__treatment=F("treatment")), distinct=True
    )
    found = []
    for visit in visits.annotate(course_booked=booked):
        is_open = may_cancel(visit, now)
        can_move = is_open and moves_until(visit, now, settings) is not None
        found.append(Coming(visit, can_move, is_open, _course_left(visit)))
    return found


def _course_left(visit: Any) -> int:
    begins = visit.treatment.course_visits > 1 and visit.follows_id is None
    can_book = begins and not visit.course_booked and visit.is_upcoming and visit.books_on
    return visit.treatment.course_visits - 1 if can_book else 0


def _waiting(opened: Opened) -> list[Any]:
    """What they wait for. The waiting list stands above these pages, so it is found by its relation."""
    entries: Any = Patient.waiting_entries.rel.related_model  # type: ignore[attr-defined]
    waiting = entries.objects.filter(patient__in=opened.with_visits, state="waiting")
    return list(waiting.select_related("treatment", "patient").order_by("created_at", "pk"))
