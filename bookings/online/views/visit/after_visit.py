"""What a patient books after a visit: the follow-up that belongs to it, and the rest of its course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bookings.engine.series.courses import Suggestion, book_course, course_of, suggest_course
from bookings.engine.series.follow_ups import book_follow_up, follow_up_from, follow_up_of
from bookings.online.forms.booking import ANY, ChosenTime, bookable_practitioners, read_time
from bookings.online.views.access import remember
from bookings.online.views.booking.flow import address, go
from bookings.online.views.booking.params import taken_params
from bookings.online.views.times import Search, find_times, policy_of
from bookings.online.views.visit.page import for_those_who_may_see, page, version_seen, visit_page
from bookings.visits.models import Appointment
from bookings.visits.refusals import SlotTaken
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.formats import full_time
from clinic.core.web.htmx import render_page
from clinic.practitioners.models import Practitioner


@page
@for_those_who_may_see
def visit_follow_up(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Choose a time (`?slot=`), look at it, book it. Once booked, the page leads to the booked visit.

    The form names the version of the first visit and the price that its page showed: if either has changed, it asks again.
    """
    treatment = appointment.treatment.follow_up
    if treatment is None or not appointment.leads_on:
        return visit_page(request, appointment)
    if booked := follow_up_of(appointment):
        return _booked_already(request, booked)
    time = read_time(request.GET.get("slot", ""))
    practitioner = _practitioner(appointment, treatment, time)
    if time is None or practitioner is None:
        return _times(request, appointment, treatment)
    if request.method == "POST":
        if not _is_as_shown(request, appointment, treatment):
            return _follow_up_page(request, appointment, time, practitioner, was_changed=True)
        return _book_follow_up(request, appointment, time, practitioner)
    return _follow_up_page(request, appointment, time, practitioner)


def _booked_already(request: HttpRequest, booked: Appointment) -> HttpResponse:
    """Show it, whichever time an older page wanted."""
    asked = read_time(request.GET.get("slot", ""))
    if request.method == "POST" and asked and asked.starts_at != booked.starts_at:
        messages.info(request, "You have booked your follow-up already. Here it is.")
    remember(request, booked)
    return go("visit", {}, booked.reference)


def _follow_up_page(
    request: HttpRequest,
    appointment: Appointment,
    time: ChosenTime,
    practitioner: Practitioner,
    *,
    was_changed: bool = False,
) -> HttpResponse:
    treatment = appointment.treatment.follow_up
    context = {
        "appointment": appointment,
        "treatment": treatment,
        "price": treatment.price_in_words if treatment else "",
        "starts_at": time.starts_at,
        "practitioner": practitioner,
        "was_changed": was_changed,
        "back_url": address("visit_follow_up", {"day": clock.today(time.starts_at).isoformat()}, appointment.reference),
    }
    return render(request, "bookings/visit/follow_up_confirm.html", context, status=409 if was_changed else 200)


def _is_as_shown(request: HttpRequest, appointment: Appointment, treatment: Treatment) -> bool:
    """Whether the visit and the price are still those of the page that the form is from."""
    return version_seen(request) == appointment.version and request.POST.get("price") == treatment.price_in_words


def _practitioner(appointment: Appointment, treatment: Treatment, time: ChosenTime | None) -> Practitioner | None:
    slug = (time.practitioner if time else "") or appointment.practitioner.slug
    return bookable_practitioners(treatment).filter(slug=slug).first()


def _times(request: HttpRequest, appointment: Appointment, treatment: Treatment) -> HttpResponse:
    now, due = clock.now(), follow_up_from(appointment)
    params = {"with": ANY} if request.GET.get("with") == ANY else {}
    search = Search(
        treatment,
        None if params else appointment.practitioner,
        now,
        "visit_follow_up",
        params,
        args=(appointment.reference,),
        patient=appointment.patient,
        names_everyone=True,
        policy=policy_of(request, treatment),
    )
    start = {"from": max(due, clock.today(now)).isoformat()}
    context = {
        "appointment": appointment,
        "treatment": treatment,
        "times": find_times(search, {**start, **request.GET.dict()}),
        "today": clock.today(now),
        "tomorrow": clock.today(now) + timedelta(days=1),
        "action": address("visit_follow_up", params, appointment.reference),
        "method": "get",
        "back_url": address("visit", {}, appointment.reference),
        "anyone_url": "" if params else address("visit_follow_up", {"with": ANY}, appointment.reference),
    }
    return render_page(request, "bookings/visit/follow_up.html", context, fragment="times")


def _book_follow_up(
    request: HttpRequest, appointment: Appointment, time: ChosenTime, practitioner: Practitioner
) -> HttpResponse:
    try:
        booked = book_follow_up(visit=appointment, starts_at=time.starts_at, now=clock.now(), practitioner=practitioner)
    except SlotTaken as taken:
        if already := follow_up_of(appointment):  # by the same button, a moment ago
            return _booked_already(request, already)
        return go("visit_follow_up", taken_params({}, time.starts_at, taken.reason), appointment.reference)
    except DomainError as refusal:
        return visit_page(request, appointment, refusal=str(refusal))
    if booked.starts_at != time.starts_at:  # by another tab, a moment ago
        return _booked_already(request, booked)
    remember(request, booked)
    messages.success(request, "Booked. We will send you a confirmation.")
    return go("visit", {}, booked.reference)


@dataclass(frozen=True, slots=True)
class Choice:
    """One further visit of a course: a select of times, the chosen one, and what is wrong with it."""

    suggestion: Suggestion
    chosen: str
    error: str = ""

    @property
    def name(self) -> str:
        return _name(self.suggestion)

    @property
    def options(self) -> list[tuple[str, str]]:
        return [(_value(slot.starts_at.isoformat()), full_time(slot.starts_at)) for slot in self.suggestion.slots]


@page
@for_those_who_may_see
def visit_course(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """The other visits of a course, all booked at once or none."""
    is_first = appointment.treatment.course_visits > 1 and appointment.follows_id is None
    if not is_first or not appointment.is_upcoming or course_of(appointment):
        return visit_page(request, appointment)
    suggestions = suggest_course(appointment, clock.now())
    if request.method == "POST":
        return _book_course(request, appointment, suggestions)
    choices = [Choice(one, _value(one.nearest.starts_at.isoformat()) if one.nearest else "") for one in suggestions]
    return _course_page(request, appointment, choices)


def _book_course(request: HttpRequest, appointment: Appointment, suggestions: list[Suggestion]) -> HttpResponse:
    chosen = {_name(one): read_time(request.POST.get(_name(one), "")) for one in suggestions}
    starts = [time.starts_at for time in chosen.values() if time]
    typed = [Choice(one, request.POST.get(_name(one), "")) for one in suggestions]
    if not starts:
        return _course_page(request, appointment, typed, refusal="Choose a time for at least one visit.", status=422)
    if not _is_as_shown(request, appointment, appointment.treatment):
        changed = "Your visit or its price was changed since you opened this page. Please look again before you book."
        return _course_page(request, appointment, typed, refusal=changed, status=409)
    try:
        booked = book_course(appointment, starts, clock.now())
    except SlotTaken as taken:
        return _course_taken(request, appointment, taken)
    except DomainError as refused:
        return _course_page(request, appointment, typed, refusal=str(refused), status=409)
    if {visit.starts_at for visit in booked} != set(starts):  # by another tab, a moment ago
        messages.info(request, "You have booked the rest of this course already. Here it is.")
    else:
        messages.success(request, f"Booked: {len(starts)} more visit{'s' if len(starts) > 1 else ''}.")
    return go("visit", {}, appointment.reference)


def _course_taken(request: HttpRequest, appointment: Appointment, taken: SlotTaken) -> HttpResponse:
    """Keep what was chosen but the time that is gone; show the course if the same button has just booked it."""
    if course_of(appointment):
        return go("visit", {}, appointment.reference)
    again = []
    for one in suggest_course(appointment, clock.now()):
        chosen = request.POST.get(_name(one), "")
        time = read_time(chosen)
        is_gone = time is not None and time.starts_at == taken.starts_at
        error = f"{taken} Choose another." if is_gone else ""
        again.append(Choice(one, "" if is_gone else chosen, error))
    refusal = "One of these times cannot be had any more, so nothing is booked yet."
    return _course_page(request, appointment, again, refusal=refusal, status=409)


def _course_page(
    request: HttpRequest, appointment: Appointment, choices: list[Choice], *, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "appointment": appointment,
        "choices": choices,
        "price": appointment.treatment.price_in_words,
        "refusal": refusal,
        "back_url": address("visit", {}, appointment.reference),
    }
    return render(request, "bookings/visit/course.html", context, status=status)


def _name(suggestion: Suggestion) -> str:
    return f"visit-{suggestion.number}"


def _value(moment: str) -> str:
    return f"{moment}|"
