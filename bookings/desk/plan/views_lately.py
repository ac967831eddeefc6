"""What changed today by anyone, and the way back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from bookings.desk.plan import access
from bookings.desk.plan.lately import Act
from bookings.desk.plan.lately import lately as read
from bookings.desk.views.diary import whoevers_page
from bookings.desk.views.landing import back_to
from bookings.desk.views.versions import version_shown
from bookings.engine.plans.undo import undo_visit
from bookings.engine.plans.unsettled import unsettled
from bookings.messages.planning.reach import told_of_change
from bookings.visits.access import Reader, visits_of
from bookings.visits.history import last_changed_by, was_of
from bookings.visits.models import Appointment
from bookings.visits.refusals import SlotTaken, for_staff
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.date_fields import read_day
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.posted import posted_to

GIVEN_AWAY = "Not undone. The visit is with {} now, and was changed since. Please ask them, or the desk."


@require_safe
@needs(Right.SEE_CHANGES)
def lately(request: HttpRequest) -> HttpResponse:
    """`?day=YYYY-MM-DD`; today without one."""
    now = clock.now()
    today = clock.today(now)
    day = min(read_day(request.GET.get("day")) or today, today)
    context: dict[str, Any] = {
        "section": "lately",
        "day": day,
        "is_today": day == today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today else None,
        "acts": _acts(request, day, now),
        "unsettled": unsettled(now, visits_of(request.user)) if day == today else [],
        "now": now,
        "place": quote(request.get_full_path(), safe=""),
        "notice": take_notice(request),
    }
    return render(request, "bookings/desk/plan/lately.html", context)


def _acts(request: HttpRequest, day: date, now: datetime) -> list[Act]:
    acts = read(day, now, reader=request.user)
    for act in acts:
        if act.group is None:
            act.is_readers = not any(change.visit.is_withheld for change in act.changes)
        else:
            act.is_readers = access.may_undo(user_of(request), act.group)
    return acts


def _may_undo(visit: Appointment, reader: Reader) -> bool:
    """Theirs, or given to another practitioner by themselves just now."""
    return visits_of(reader).filter(pk=visit.pk).exists() or last_changed_by(visit) == reader.pk


@posted_to("bookings:diary_visit")
@needs(Right.CHANGE_OWN_DIARY)
def undo(request: HttpRequest, reference: str) -> HttpResponse:
    """Take back the last change of a visit, if it is still the one at `version`."""
    visit = get_object_or_404(Appointment.objects.with_details(), reference=reference)
    if not _may_undo(visit, request.user):
        if not was_of(visit, request.user.pk):
            raise Http404
        return whoevers_page(request, reference, GIVEN_AWAY.format(visit.practitioner.name), 409)
    try:
        undone = undo_visit(appointment=visit, version=version_shown(request), now=clock.now())
    except SlotTaken as taken:
        return whoevers_page(request, reference, f"Not undone. {taken}", 409)
    except DomainError as refusal:
        return whoevers_page(request, reference, f"Not undone. {for_staff(refusal)}", 409)
    leave_notice(request, f"{undone.whose}: undone. {told_of_change(undone, clock.now())}")
    return back_to(request, reference)
