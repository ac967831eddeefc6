"""The rest of a course, booked from the page of its first visit."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bookings.engine.series.courses import Suggestion, book_course, course_of, suggest_course
from bookings.online.forms.times import read_time
from bookings.online.views.booking.flow import address, go
from bookings.online.views.visit.page import for_those_who_may_see, is_as_shown, page, visit_page
from bookings.visits.models import Appointment
from bookings.visits.refusals import SlotTaken
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.formats import full_time


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
    if not (is_first and appointment.is_upcoming and appointment.books_on) or course_of(appointment):
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
    if not is_as_shown(request, appointment, appointment.treatment):
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
    return render(request, "bookings/online/after_visit/course.html", context, status=status)


def _name(suggestion: Suggestion) -> str:
    return f"visit-{suggestion.number}"


def _value(moment: str) -> str:
    return f"{moment}|"
