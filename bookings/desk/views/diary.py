"""The day, and one visit in it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.middleware import HtmxDetails

from bookings.desk import day as read
from bookings.desk.cards import CardPage
from bookings.desk.forms.age import BirthdayForm
from bookings.desk.lengths import lengths
from bookings.desk.models import version_of
from bookings.desk.patients.forms import NoteForm
from bookings.desk.views import address
from bookings.desk.views.book import book
from bookings.desk.views.landing import back_to, leads_back
from bookings.desk.views.move import move
from bookings.desk.views.versions import meanwhile_of, since, version_shown, visit_of
from bookings.engine import changes, status_changes
from bookings.engine.plans.unsettled import number_unsettled
from bookings.messages.models import Message
from bookings.messages.planning.invitations import token_of
from bookings.messages.planning.reach import cannot_be_sent, told_of_change
from bookings.openings.gates import Missing, NotReady
from bookings.visits.access import NAMELESS, sees_all, visits_of, withhold
from bookings.visits.history import Happening, as_of, history
from bookings.visits.models import Appointment, BookingSettings, PatientNote
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import SlotTaken, for_staff
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.date_fields import read_day
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page
from clinic.core.web.posted import posted_to
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner

__all__ = ["book", "cancel", "day", "move", "restore", "status", "visit"]
NOTES_SHOWN = 5


@require_safe
@needs(Right.SEE_DIARY)
def day(request: HttpRequest) -> HttpResponse:
    """`?day=YYYY-MM-DD&with=<slug>&view=list|grid&cancelled=1&names=hidden`.

    What makes no sense is as good as absent, and the page says so.
    """
    now = clock.now()
    today = clock.today(now)
    shown = read_day(request.GET.get("day")) or today
    everyone = _team(request, shown, now)
    chosen = next((person for person in everyone if person.slug == request.GET.get("with")), None)
    settings = BookingSettings.load(request_or_site=request)
    diary = read.day(
        day=shown,
        practitioners=[chosen] if chosen else everyone,
        now=now,
        with_cancelled="cancelled" in request.GET,
        with_marks=True,
        settings=settings,
        reader=request.user,
    )
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    is_swap = bool(htmx)
    is_after_a_step = bool(htmx and (htmx.trigger or "").startswith("step-"))
    place = quote(request.get_full_path(), safe="")
    context = {
        "section": "diary",
        "diary": diary,
        "now": now,
        "today": today,
        "is_today": shown == today,
        "everyone": everyone,
        "chosen": chosen,
        "has_diary": sees_all(request.user, settings) or any(one.user_id == request.user.pk for one in everyone),
        "here": f"?day={shown}",
        "place": place,
        "card_page": CardPage(request.get_full_path(), place, shown <= today, diary.minutes_with_a_button),
        "with_chosen": f"&with={chosen.slug}" if chosen else "",
        "view": request.GET.get("view") if request.GET.get("view") in address.VIEWS else "",
        "days": {"before": shown - timedelta(days=1), "after": shown + timedelta(days=1)},
        "keep": address.kept(request),
        "shows_cancelled": "cancelled" in request.GET,
        "hides_names": request.GET.get("names") == "hidden",
        "not_understood": address.not_understood(request, {person.slug for person in everyone}),
        "unsettled": everyone[0].unsettled if everyone else 0,
        "version": everyone[0].diary_version if everyone else "",
        "is_swap": is_swap,
        "notice": take_notice(request) if is_after_a_step or not is_swap else None,
    }
    return render_page(request, "bookings/desk/diary.html", context, fragment="region")


@require_safe
@needs(Right.SEE_DIARY)
def visit(request: HttpRequest, reference: str) -> HttpResponse:
    """All of it, or of a visit that is another practitioner's what everyone may read."""
    return whoevers_page(request, reference)


@posted_to("bookings:diary_visit")
@needs(Right.CHANGE_OWN_DIARY)
def status(request: HttpRequest, reference: str) -> HttpResponse:
    """Note what happened: `status`, `version`, and `next` for where to go back to."""
    appointment = visit_of(request, reference)
    wanted, former, shown = request.POST.get("status", ""), appointment.status, version_shown(request)
    if wanted not in status_changes.STAFF_STATUSES:
        return visit_page(request, appointment, "That is not something a visit can become.", 409)
    try:
        changed = status_changes.change_status(appointment=appointment, status=wanted, now=clock.now(), version=shown)
    except NotReady as refusal:
        return visit_page(request, visit_of(request, reference), refusal.headline, 409, missing=refusal.missing)
    except DomainError as refusal:
        return visit_page(request, visit_of(request, reference), for_staff(refusal), 409, since=since(request, refusal))
    if former == wanted:  # the same step, tapped twice: the way back is that of the first tap
        former = as_of(changed, shown).status
    undo = {"status": former, "version": changed.version}
    leave_notice(
        request,
        f"{changed.whose}: {changed.get_status_display().lower()}.",
        action=reverse("bookings:diary_status", args=[reference]),
        fields={**undo, "next": address.next_of(request)} if changed.can_become(former) else {},
    )
    return back_to(request, reference)


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_OWN_DIARY)
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    appointment = visit_of(request, reference)
    refusal, meanwhile = "", list[Happening]()
    if request.method == "POST":
        try:
            cancelled = changes.cancel(
                appointment=appointment, now=clock.now(), by_staff=True, version=version_shown(request)
            )
        except DomainError as error:
            refusal, appointment = str(error), visit_of(request, reference)
            meanwhile = meanwhile_of(appointment, since(request, error))
        else:
            leave_notice(
                request,
                f"{cancelled.whose}: cancelled. {told_of_change(cancelled, clock.now())}",
                action=reverse("bookings:diary_undo", args=[reference]),
                fields={"version": cancelled.version, "next": address.next_of(request)},
            )
            return back_to(request, reference, f"{reverse('bookings:diary')}?day={clock.today(appointment.starts_at)}")
    context = {"section": "diary", "visit": appointment, "refusal": refusal, "meanwhile": meanwhile}
    context |= leads_back(request, appointment)
    return render_page(request, "bookings/desk/cancel.html", context, status=409 if refusal else 200)


@posted_to("bookings:diary_visit")
@needs(Right.CHANGE_OWN_DIARY)
def restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Put a cancelled visit back at its time: `version`."""
    try:
        visit = changes.restore(
            appointment=visit_of(request, reference), now=clock.now(), version=version_shown(request)
        )
    except SlotTaken as taken:
        return visit_page(request, visit_of(request, reference), f"{taken} You can book another time.", 409)
    except DomainError as error:
        return visit_page(request, visit_of(request, reference), for_staff(error), 409, since=since(request, error))
    leave_notice(request, f"{visit.whose}: not cancelled after all. {told_of_change(visit, clock.now())}")
    return back_to(request, reference)


def _follow_up_url(visit: Appointment, after: list[Appointment], place: str) -> str:
    """The desk's page with the follow-up filled in, until it is booked."""
    treatment = visit.treatment.follow_up
    if treatment is None or not visit.leads_on or any(one.treatment_id == treatment.pk for one in after):
        return ""
    due = clock.today(visit.starts_at) + timedelta(days=visit.treatment.follow_up_after_days)
    answers = {
        "treatment": treatment.slug,
        "practitioner": visit.practitioner.slug,
        "day": max(due, clock.today()).isoformat(),
        "patient": visit.patient.reference if visit.patient else "",
        "follows": visit.reference,
    } | ({"next": place} if place else {})
    return f"{reverse('bookings:diary_book')}?{urlencode(answers)}"


def _book_again_url(visit: Appointment, place: str) -> str:
    """The desk's page with a cancelled visit filled in anew."""
    answers = {
        "patient": visit.patient.reference if visit.patient else "",
        "treatment": visit.treatment.slug,
        "practitioner": visit.practitioner.slug,
    } | ({"next": place} if place else {})
    return f"{reverse('bookings:diary_book')}?{urlencode(answers)}"


def whoevers_page(request: HttpRequest, reference: str, refusal: str = "", status: int = 200) -> HttpResponse:
    """The page of a visit, or of another practitioner's, or of a limited record's, what everyone may read of it."""
    found = get_object_or_404(Appointment.objects.with_details(), reference=reference)
    withhold([found], request.user)
    if found.is_limited and found.whose == NAMELESS:
        raise Http404
    if not found.is_withheld:
        return visit_page(request, found, refusal, status)
    context = {"section": "diary", "visit": found, "day": clock.today(found.starts_at), "refusal": refusal}
    context |= leads_back(request, found) | {"notice": take_notice(request)}
    return render_page(request, "bookings/desk/visit/others.html", context, status=status)


def visit_page(
    request: HttpRequest,
    appointment: Appointment,
    refusal: str = "",
    status: int = 200,
    *,
    since: int | None = None,
    birthday: BirthdayForm | None = None,
    note: NoteForm | None = None,
    same: Patient | None = None,
    missing: Sequence[Missing] = (),
) -> HttpResponse:
    """The visit, with a refusal and what is `missing` for a step.

    `since` is the version that a stale page showed, `same` the other record of the patient.
    """
    now, places = clock.now(), leads_back(request, appointment)
    after = list(appointment.follow_ups.standing().with_details().order_by("during"))
    messages = list(appointment.messages.select_related("settled_by").order_by("due_at", "pk"))
    context = {
        "section": "diary",
        "visit": appointment,
        "after": after,
        "next_url": _follow_up_url(appointment, after, places["place"]),
        "day": clock.today(appointment.starts_at),
        "book_again_url": _book_again_url(appointment, places["place"]),
        "steps": status_changes.steps(appointment, now),
        "steps_back": status_changes.steps_back(appointment),
        "lengths": lengths(appointment),
        "plan_key": uuid.uuid4(),
        "can_change_time": status_changes.can_change_time(appointment),
        "can_cancel": appointment.patient_id and appointment.can_become(Status.CANCELLED),
        "history": history(appointment),
        "preferences_token": token_of(appointment.patient) if appointment.patient else "",
        "cannot_send": cannot_be_sent(appointment.patient) if appointment.patient else "",
        "sent": [message for message in messages if message.state != Message.State.WITHDRAWN],
        "withdrawn": [message for message in messages if message.state == Message.State.WITHDRAWN],
        "notes": PatientNote.objects.of(appointment.patient)[:NOTES_SHOWN] if appointment.patient else [],
        "note_form": note or NoteForm(initial={"visit": appointment.reference}),
        "same": same,
        "refusal": refusal,
        "missing": missing,
        "meanwhile": meanwhile_of(appointment, since),
        "notice": take_notice(request),
    }
    context |= places | _birthday_asked(request, appointment, birthday, places["here"])
    return render_page(request, "bookings/desk/visit.html", context, status=status)


def _birthday_asked(
    request: HttpRequest, appointment: Appointment, sent: BirthdayForm | None, here: str
) -> dict[str, Any]:
    """What the form of the birthday needs, for a patient without one; with `?ask=birthday` it leads back at once."""
    is_unasked = appointment.patient is not None and appointment.patient.date_of_birth is None
    if not is_unasked or not (appointment.leads_on or sent):
        return {}
    is_asked, form = "ask" in request.GET, sent or BirthdayForm()
    if is_asked or sent:
        form.take_focus()
    leads_back_at_once = is_asked or request.method == "POST"
    return {
        "birthday_form": form,
        "asks_birthday_first": is_asked or bool(sent) or appointment.status == Status.ARRIVED,
        "birthday_has_focus": is_asked or bool(sent),
        "birthday_next": (leads_back_at_once and address.next_of(request)) or here,
    }


def _team(request: HttpRequest, shown: date, now: datetime) -> list[Any]:
    """Whoever takes bookings or has a visit that day; the reader's own diary first.

    Each with the version of the day, which must be read before the day is: a change between the two is shown twice.
    And each with how many visits of the day need another time.
    """
    that_day = Appointment.objects.in_span(*clock.day_bounds(shown)).values("practitioner")
    visits = visits_of(request.user).in_span(*clock.day_bounds(shown))
    people = Practitioner.objects.filter(Q(live=True, is_bookable=True) | Q(pk__in=that_day))
    people = people.annotate(diary_version=version_of(shown), unsettled=number_unsettled(now, visits))
    return sorted(people, key=lambda person: person.user_id != request.user.pk)
