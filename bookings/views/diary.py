"""The day, and one visit in it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.domain import booking, desk, steps
from bookings.domain import diary as read
from bookings.domain.history import history
from bookings.domain.reach import gaps
from bookings.domain.recall import token_of
from bookings.domain.refusals import NotBookable, PatientBusy, SlotTaken
from bookings.forms.staff import AtForm, read_day, read_slot, slot_value
from bookings.models import Appointment, Message
from bookings.models.appointment import Status
from bookings.templatetags.diary import who
from bookings.views.diary_book import book
from bookings.views.diary_notice import leave_notice, take_notice
from clinic.accounts.permissions import diary_staff_required
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.htmx import render_page
from clinic.core.models import ClinicSettings
from clinic.practitioners.models import Practitioner

__all__ = ["book", "cancel", "day", "move", "restore", "status", "visit"]
VIEWS = ("list", "grid")


@require_safe
@diary_staff_required
def day(request: HttpRequest) -> HttpResponse:
    """`?day=YYYY-MM-DD&with=<slug>&view=list|grid&cancelled=1`; what makes no sense is as good as absent."""
    now = clock.now()
    today = clock.today(now)
    shown = read_day(request.GET.get("day")) or today
    everyone = _team(request, shown)
    chosen = next((person for person in everyone if person.slug == request.GET.get("with")), None)
    diary = read.day(
        day=shown,
        practitioners=[chosen] if chosen else everyone,
        now=now,
        with_cancelled="cancelled" in request.GET,
        clinic=ClinicSettings.load(request_or_site=request),
    )
    is_swap = bool(getattr(request, "htmx", False))
    context = {
        "section": "diary",
        "diary": diary,
        "now": now,
        "today": today,
        "is_today": shown == today,
        "may_act": shown <= today,
        "everyone": everyone,
        "chosen": chosen,
        "view": request.GET.get("view") if request.GET.get("view") in VIEWS else "",
        "days": {"before": shown - timedelta(days=1), "after": shown + timedelta(days=1)},
        "keep": _kept(request),
        "notice": None if is_swap else take_notice(request),
    }
    return render_page(request, "bookings/diary.html", context, fragment="region")


@require_safe
@diary_staff_required
def visit(request: HttpRequest, reference: str) -> HttpResponse:
    return _visit_page(request, _visit(reference))


@require_POST
@diary_staff_required
def status(request: HttpRequest, reference: str) -> HttpResponse:
    """Note what happened: `status`, `version`, and `next` for where to go back to."""
    appointment = _visit(reference)
    wanted, former = request.POST.get("status", ""), appointment.status
    if wanted not in steps.STAFF_STATUSES:
        return _visit_page(request, appointment, "That is not something a visit can become.", 409)
    try:
        changed = steps.change_status(
            appointment=appointment, status=wanted, now=clock.now(), version=_version(request)
        )
    except DomainError as refusal:
        return _visit_page(request, _visit(reference), str(refusal), 409)
    undo = {"status": former, "version": changed.version}
    leave_notice(
        request,
        f"{who(changed)}: {changed.get_status_display().lower()}.",
        action=reverse("bookings:diary_status", args=[reference]),
        fields={**undo, "next": request.POST.get("next", "")} if changed.can_become(former) else {},
    )
    return _go_on(request, changed)


@require_http_methods(["GET", "POST"])
@diary_staff_required
def move(request: HttpRequest, reference: str) -> HttpResponse:
    """Another time, from the free ones or by hand, and another practitioner if need be."""
    appointment = _visit(reference)
    if request.method == "GET" or not steps.can_change_time(appointment):
        return _move_page(request, appointment, AtForm(initial=_move_start(request, appointment)))
    form = AtForm(request.POST if "slot" not in request.POST else None)
    chosen = read_slot(request.POST.get("slot", ""))
    if chosen is None and not form.is_valid():
        return _move_page(request, appointment, form, status=422)
    starts_at, slug = chosen or (form.cleaned_data["starts_at"], request.POST.get("with", ""))
    practitioner = _bookable_for(appointment).filter(slug=slug.replace("\x00", "")).first()
    if slug and practitioner is None:
        refusal = NotBookable("This person does not give the treatment any more. Choose someone else.")
        return _move_page(request, appointment, form, refusal=refusal, status=409)
    former = f"{clock.local(appointment.starts_at).isoformat()}|{appointment.practitioner.slug}"
    try:
        moved = booking.move(
            appointment=appointment,
            starts_at=starts_at,
            now=clock.now(),
            practitioner=practitioner,
            by_staff=True,
            version=_version(request),
        )
    except DomainError as refusal:
        return _move_page(request, _visit(reference), form, refusal=refusal, status=409)
    leave_notice(
        request,
        f"{who(moved)} moved to {_day_and_time(moved.starts_at)}. The patient is told in three minutes.",
        action=reverse("bookings:diary_move", args=[reference]),
        fields={"slot": former, "version": moved.version},
    )
    return redirect("bookings:diary_visit", reference)


@require_http_methods(["GET", "POST"])
@diary_staff_required
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    appointment = _visit(reference)
    refusal = ""
    if request.method == "POST":
        try:
            cancelled = booking.cancel(
                appointment=appointment, now=clock.now(), by_staff=True, version=_version(request)
            )
        except DomainError as error:
            refusal, appointment = str(error), _visit(reference)
        else:
            leave_notice(
                request,
                f"{who(cancelled)}: cancelled. The patient is told in three minutes.",
                action=reverse("bookings:diary_restore", args=[reference]),
                fields={"version": cancelled.version},
            )
            return redirect(f"{reverse('bookings:diary')}?day={clock.today(appointment.starts_at)}")
    context = {"section": "diary", "visit": appointment, "refusal": refusal}
    return render_page(request, "bookings/diary_cancel.html", context, status=409 if refusal else 200)


@require_POST
@diary_staff_required
def restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Put a cancelled visit back at its time: `version`."""
    try:
        visit = booking.restore(appointment=_visit(reference), now=clock.now(), version=_version(request))
    except SlotTaken as taken:
        return _visit_page(request, _visit(reference), f"{taken} You can book another time.", 409)
    except PatientBusy:
        return _visit_page(request, _visit(reference), "The patient has another visit at this time.", 409)
    except DomainError as error:
        return _visit_page(request, _visit(reference), str(error), 409)
    is_told = visit.messages.filter(kind=Message.Kind.CONFIRMATION, appointment_version=visit.version).exists()
    told = "The patient is told that it stands." if is_told else "The patient had not been told, and hears nothing."
    leave_notice(request, f"{who(visit)}: not cancelled after all. {told}")
    return redirect("bookings:diary_visit", reference)


def _visit(reference: str) -> Appointment:
    return get_object_or_404(Appointment.objects.with_details(), reference=reference)


def _follow_up_url(visit: Appointment, after: list[Appointment]) -> str:
    """The desk's page with the follow-up filled in, until it is booked."""
    treatment = visit.treatment.follow_up
    if treatment is None or not visit.leads_on or any(one.treatment_id == treatment.pk for one in after):
        return ""
    due = clock.today(visit.starts_at) + timedelta(days=visit.treatment.follow_up_after_days)
    answers = {
        "treatment": treatment.slug,
        "practitioner": visit.practitioner.slug,
        "day": max(due, clock.today()).isoformat(),
        "patient": visit.patient_id,
        "follows": visit.reference,
    }
    return f"{reverse('bookings:diary_book')}?{urlencode(answers)}"


def _visit_page(request: HttpRequest, appointment: Appointment, refusal: str = "", status: int = 200) -> HttpResponse:
    now = clock.now()
    after = list(appointment.follow_ups.standing().with_details().order_by("during"))
    context = {
        "section": "diary",
        "visit": appointment,
        "after": after,
        "next_url": _follow_up_url(appointment, after),
        "day": clock.today(appointment.starts_at),
        "steps": steps.steps(appointment, now),
        "steps_back": steps.steps_back(appointment),
        "can_change_time": steps.can_change_time(appointment),
        "can_cancel": appointment.patient_id and appointment.can_become(Status.CANCELLED),
        "history": history(appointment),
        "preferences_token": token_of(appointment.patient) if appointment.patient else "",
        "cannot_send": gaps(appointment.patient) if appointment.patient else "",
        "sent": appointment.messages.select_related("settled_by").order_by("due_at", "pk"),
        "refusal": refusal,
        "notice": take_notice(request),
    }
    return render_page(request, "bookings/diary_visit.html", context, status=status)


def _move_page(
    request: HttpRequest,
    appointment: Appointment,
    form: AtForm,
    *,
    refusal: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    people = list(_bookable_for(appointment))
    slug = request.POST.get("with") or request.GET.get("with") or appointment.practitioner.slug
    to = next((person for person in people if person.slug == slug), appointment.practitioner)
    treatment = appointment.treatment
    days = desk.days_with_times(treatment=treatment, now=now, practitioner=to, ignoring=appointment)
    asked = read_day(request.GET.get("day") or request.POST.get("day"))
    chosen = asked or (days[0].day if days else None)
    slots = (
        desk.times_on(treatment=treatment, day=chosen, now=now, practitioner=to, ignoring=appointment) if chosen else []
    )
    context = {
        "section": "diary",
        "visit": appointment,
        "can_change_time": steps.can_change_time(appointment),
        "people": people,
        "to": to,
        "days": days,
        "chosen": chosen,
        "times": [(slot_value(slot), slot.starts_at) for slot in slots],
        "form": form,
        "refusal": refusal,
        "nearest": [(slot_value(slot), slot) for slot in getattr(refusal, "alternatives", [])],
    }
    return render_page(request, "bookings/diary_move.html", context, status=status)


def _move_start(request: HttpRequest, appointment: Appointment) -> dict[str, Any]:
    local = clock.local(appointment.starts_at)
    return {"day": read_day(request.GET.get("day")) or local.date(), "at": local.time()}


def _bookable_for(appointment: Appointment) -> QuerySet[Practitioner]:
    return Practitioner.objects.filter(
        Q(pk=appointment.practitioner_id) | Q(live=True, is_bookable=True, offered__treatment=appointment.treatment_id)
    ).distinct()


def _team(request: HttpRequest, shown: date) -> list[Practitioner]:
    """Whoever takes bookings or has a visit that day; the reader's own diary first."""
    that_day = Appointment.objects.in_span(*clock.day_bounds(shown)).values("practitioner")
    people = Practitioner.objects.filter(Q(live=True, is_bookable=True) | Q(pk__in=that_day))
    return sorted(people, key=lambda person: person.user_id != request.user.pk)


def _kept(request: HttpRequest) -> str:
    """What stays when the day changes: `&with=…&view=…`."""
    kept = {name: request.GET[name] for name in ("with", "view", "cancelled") if name in request.GET}
    return f"&{urlencode(kept)}" if kept else ""


def _go_on(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    to = request.POST.get("next", "")
    if to.startswith(reverse("bookings:diary")) and url_has_allowed_host_and_scheme(to, {request.get_host()}):
        return redirect(to)
    return redirect("bookings:diary_visit", appointment.reference)


def _version(request: HttpRequest) -> int:
    """The version that the page showed; 0, which never is, when it does not say."""
    written = request.POST.get("version", "")
    return int(written) if written.isdecimal() and len(written) < 9 else 0  # noqa: PLR2004 -- fits the column


def _day_and_time(at: datetime) -> str:
    local = clock.local(at)
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"
