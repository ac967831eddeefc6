"""Move a visit: to a free time, or to any hour typed by hand, and to another practitioner if need be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bookings.desk import times as desk
from bookings.desk.drop import drops_on
from bookings.desk.forms.staff import AtForm, read_slot, slot_value
from bookings.desk.views.address import next_of
from bookings.desk.views.landing import back_to, leads_back, visit_address
from bookings.desk.views.versions import meanwhile_of, since, version_shown, visit_of
from bookings.engine import changes, status_changes
from bookings.messages.planning.reach import told_of_change
from bookings.visits.models import Appointment
from bookings.visits.refusals import NotBookable, for_staff
from bookings.visits.slot import Slot
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.date_fields import read_day, read_time
from clinic.core.errors import DomainError
from clinic.core.formats import desk_time
from clinic.core.web.flash import leave_notice
from clinic.core.web.htmx import render_page
from clinic.practitioners.models import Practitioner

BY_MINUTES = (-30, -15, 10, 15, 20, 30)


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_OWN_DIARY)
def move(request: HttpRequest, reference: str) -> HttpResponse:
    """Another time, from the free ones or by hand, and another practitioner if need be."""
    appointment = visit_of(request, reference)
    if request.method == "GET" or not status_changes.can_change_time(appointment):
        return _move_page(request, appointment, AtForm(initial=_move_start(request, appointment)))
    form = AtForm(request.POST if "slot" not in request.POST else None, initial=_move_start(request, appointment))
    chosen = read_slot(request.POST.get("slot", ""))
    if chosen is None and not form.is_valid():
        return _move_page(request, appointment, form, status=422)
    starts_at, slug = chosen or (form.cleaned_data["starts_at"], request.POST.get("with", ""))
    practitioner = _bookable_for(appointment).filter(slug=slug.replace("\x00", "")).first()
    if slug and practitioner is None:
        refusal = NotBookable("This person does not give the treatment any more. Choose someone else.")
        return _move_page(request, appointment, form, refusal=refusal, status=409)
    try:
        moved = changes.move(
            appointment=appointment,
            starts_at=starts_at,
            now=clock.now(),
            practitioner=practitioner,
            by_staff=True,
            version=version_shown(request),
        )
    except DomainError as refusal:
        return _move_page(request, visit_of(request, reference), form, refusal=refusal, status=409, tapped=chosen)
    if moved.version == version_shown(request):
        leave_notice(request, f"{moved.whose} stands at {desk_time(moved.starts_at)} already. Nobody is told anything.")
        return back_to(request, reference)
    leave_notice(
        request,
        f"{moved.whose} moved to {desk_time(moved.starts_at)}. {told_of_change(moved, clock.now())}",
        action=reverse("bookings:diary_undo", args=[reference]),
        fields={"version": moved.version, "next": next_of(request)},
        page=visit_address(reference, next_of(request)) if next_of(request) else "",
    )
    return back_to(request, reference)


def _move_page(
    request: HttpRequest,
    appointment: Appointment,
    form: AtForm,
    *,
    refusal: DomainError | None = None,
    status: int = 200,
    tapped: tuple[datetime, str] | None = None,
) -> HttpResponse:
    """`tapped` is the free time that was chosen; from a page out of date it is asked about again."""
    now, since_then = clock.now(), since(request, refusal) if refusal else None
    people = list(_bookable_for(appointment))
    slug = request.POST.get("with") or request.GET.get("with") or appointment.practitioner.slug
    to = next((person for person in people if person.slug == slug), appointment.practitioner)
    treatment = appointment.treatment
    days = desk.days_with_times(treatment=treatment, now=now, practitioner=to, ignoring=appointment)
    asked = read_day(request.GET.get("day") or request.POST.get("day"))
    own = max(clock.today(appointment.starts_at), clock.today(now))
    chosen = asked or own
    can_change = status_changes.can_change_time(appointment)
    slots = (
        desk.times_on(treatment=treatment, day=chosen, now=now, practitioner=to, ignoring=appointment) if chosen else []
    )
    context = {
        "section": "diary",
        "visit": appointment,
        "can_change_time": can_change,
        "people": people,
        "to": to,
        "days": days,
        "chosen": chosen,
        "asked": _time_asked(request, slots) if asked else None,
        "day_chosen": asked and "at" not in request.GET,
        "sooner_or_later": _a_little(appointment, to, now) if to.pk == appointment.practitioner_id else [],
        "times": [(slot_value(slot), slot.starts_at) for slot in slots],
        "form": form,
        "refusal": for_staff(refusal) if refusal else "",
        "meanwhile": meanwhile_of(appointment, since_then),
        "again": tapped[0] if tapped and since_then is not None else None,
        "again_value": request.POST.get("slot", ""),
        "nearest": [
            (slot_value(slot), slot)
            for slot in getattr(refusal, "alternatives", [])
            if (slot.starts_at, slot.practitioner_id) != (appointment.starts_at, appointment.practitioner_id)
        ],
    }
    context |= leads_back(request, appointment)
    return render_page(request, "bookings/desk/move.html", context, status=status)


def _a_little(appointment: Appointment, to: Practitioner, now: datetime) -> list[tuple[str, str]]:
    """What moves the visit by some minutes, and how many; without the times that are taken."""
    own_day = clock.today(appointment.starts_at)
    drops = (
        drops_on(own_day, appointment, now=now).get(to.slug) if status_changes.can_change_time(appointment) else None
    )
    starts = [(by, clock.local(appointment.starts_at + timedelta(minutes=by))) for by in BY_MINUTES]
    return [
        (f"{start.isoformat()}|{to.slug}", f"{by:+}".replace("-", "\N{MINUS SIGN}"))
        for by, start in starts
        if drops and start.date() == own_day and drops.takes(start.hour * 60 + start.minute)
    ]


def _time_asked(request: HttpRequest, slots: Iterable[Slot]) -> dict[str, Any] | None:
    """The time that the address asks for, as after a drop in the diary, and whether it is one of the free ones."""
    at = read_time(request.GET.get("at"))
    if at is None:
        return None
    return {"at": at, "is_free": any(clock.local(slot.starts_at).time() == at for slot in slots)}


def _move_start(request: HttpRequest, appointment: Appointment) -> dict[str, Any]:
    local = clock.local(appointment.starts_at)
    return {
        "day": read_day(request.GET.get("day")) or local.date(),
        "at": read_time(request.GET.get("at")) or local.time(),
    }


def _bookable_for(appointment: Appointment) -> QuerySet[Practitioner]:
    return Practitioner.objects.filter(
        Q(pk=appointment.practitioner_id) | Q(live=True, is_bookable=True, offered__treatment=appointment.treatment_id)
    ).distinct()
