"""The first page of an account: its visits, what it waits for, and what can be done about them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.online.views.my.coming import coming_of
from bookings.online.views.my.opened import opened_by
from bookings.online.views.my.waiting import waiting_of
from bookings.visits.models import Appointment
from bookings.visits.models.appointment import AppointmentQuerySet
from bookings.visits.models.statuses import UPCOMING, Status
from clinic.accounts.permissions import user_of
from clinic.core import clock
from clinic.patients.helping.opened import log_opened
from clinic.patients.models import AccessOpened

PAST_ON_A_PAGE = 20
SHOWN = (  # of a visit: what the page says, and no more of its many columns
    "reference", "status", "during", "follows", "patient__full_name", "patient__date_of_birth",
    "practitioner__name", "practitioner__slug", "location__name",
    "treatment__name", "treatment__slug", "treatment__live", "treatment__is_bookable_online",
    "treatment__is_prescription_only", "treatment__course_visits", "treatment__change_window_hours",
)  # fmt: skip
COMING = (*UPCOMING, Status.ARRIVED, Status.IN_PROGRESS)


@require_safe
@login_required
def my(request: HttpRequest) -> HttpResponse:
    """The visits that the account opens: those to come, then what is past, the latest first. `?page=`."""
    user, now = user_of(request), clock.now()
    opened = opened_by(user, now)
    visits: AppointmentQuerySet = Appointment.objects.visits()
    visits = visits.filter(patient__in=opened.with_visits).only(*SHOWN)
    visits = visits.select_related("patient", "practitioner", "treatment", "location")
    is_coming = Q(status__in=COMING, during__endswith__gt=now)
    past = visits.exclude(is_coming).order_by("-during", "-pk")
    log_opened(opened.of_others, AccessOpened.What.VISITS, now)
    coming = coming_of(visits.filter(is_coming).order_by("during", "pk"), now)
    pages = Paginator(past, PAST_ON_A_PAGE)
    pages.count = opened.visits - len(coming)  # read with the accesses, not once more
    context = {
        "coming": coming,
        "waiting": waiting_of(opened.with_visits),
        "page": pages.get_page(request.GET.get("page")),
        "own": opened.own,
        "helped": [access.patient for access in opened.of_others],
        "user": user,
        "section": "my",
    }
    return render(request, "bookings/online/my/visits.html", context)
