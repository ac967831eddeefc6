"""Answer the questions before a visit, by the link of a message."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial, wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.core.sealing.keyring import Unreadable
from clinic.patients.models import Patient
from clinic.records.answering.models import FormRequest
from clinic.records.answering.models.request import State
from clinic.records.answering.requesting import make_requests
from clinic.records.answering.saving import NotOpen
from clinic.records.answering.submitting import answer_again
from clinic.records.answering.views import pages
from clinic.records.answering.views.sitting import Sitting
from clinic.records.entries.models import Entry
from clinic.records.entries.signing import Author
from clinic.records.links.models import Purpose, RecordLink
from clinic.records.links.views_access import by_link, may_see
from clinic.records.reading.opening import CannotLog, OpenRecord, open_own_record
from clinic.records.reading.views_guard import where_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, RecordLink, P], HttpResponse]
BROWSER = "answers_written_on"
MOST_TOLD = 20


def _answered(view: View[P]) -> View[P]:
    """Say kindly where a record cannot be opened now; lead back to the list where something was sent meanwhile."""

    @wraps(view)
    def answered(request: HttpRequest, link: RecordLink, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, link, *args, **kwargs)
        except NotOpen:
            return redirect("records:questions_to_answer", link.reference)
        except (CannotLog, Unreadable):
            return render(request, "records/answering/unavailable.html", status=503)

    return answered


@require_safe
@by_link(Purpose.QUESTIONS)
def start(request: HttpRequest, link: RecordLink) -> HttpResponse:
    """Who reads this and how long it is kept, before the first question; then the parts, and which are sent."""
    visit, now = _visit(link), clock.now()
    rows = [one for one in make_requests(visit, now) if one.state not in {State.WAIVED, State.SUPERSEDED}]
    FormRequest.objects.filter(pk__in=[one.pk for one in rows], state=State.WANTED).update(
        state=State.OPENED, changed_at=now
    )
    context = {
        "visit": visit,
        "link": link,
        "rows": rows,
        "first": next((one for one in rows if one.is_open), None),
        "may_answer_again": not visit.has_begun(now),
        "told": request.session.pop("answers_told", []),
        "is_later": "later" in request.GET,
        "section": "",
    }
    return render(request, "records/answering/start.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link(Purpose.QUESTIONS)
@_answered
def page(request: HttpRequest, link: RecordLink, part: str, number: int) -> HttpResponse:
    return pages.question_page(request, _sitting(request, link, part), number)


@require_POST
@by_link(Purpose.QUESTIONS)
@_answered
def save(request: HttpRequest, link: RecordLink, part: str, number: int) -> HttpResponse:
    return pages.save_one(request, _sitting(request, link, part), number)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link(Purpose.QUESTIONS)
@_answered
def check(request: HttpRequest, link: RecordLink, part: str) -> HttpResponse:
    """What another device wrote is shown, and sent, once the date of birth fits."""
    sitting = _sitting(request, link, part)
    if sitting.hides_some:
        return redirect("records:birthday", link.reference)
    outcome = pages.check_page(request, sitting)
    if not isinstance(outcome, Entry):
        return outcome
    request.session["answers_told"] = _told(sitting, outcome)
    return redirect("records:questions_to_answer", link.reference)


@require_POST
@by_link(Purpose.QUESTIONS)
@_answered
def again(request: HttpRequest, link: RecordLink, part: str) -> HttpResponse:
    """Answer once more: other answers, which stand beside those that were sent."""
    row = _row(link, part)
    fresh = answer_again(row, clock.now())
    return redirect("records:questions_page", link.reference, fresh.reference, 1)


def _sitting(request: HttpRequest, link: RecordLink, part: str) -> Sitting:
    row = _row(link, part)
    if not row.is_open:
        raise NotOpen("These answers were sent already.")
    return Sitting(
        row=row,
        author=Author.patient(),
        written_on=_browser(request),
        sees_all=may_see(request, link),
        open=partial(_open, request, link.patient.merged_into or link.patient),
        address=partial(_address, link, row),
        now=clock.now(),
        about={"base": "base_booking.html", "birthday_url": reverse("records:birthday", args=[link.reference])},
    )


def _open(request: HttpRequest, patient: Patient) -> OpenRecord:
    return open_own_record(patient=patient, page="questions", where=where_of(request))


def _address(link: RecordLink, row: FormRequest, what: str, *args: int) -> str:
    if what == "later":
        return f"{reverse('records:questions_to_answer', args=[link.reference])}?later"
    if what == "start":
        return reverse("records:questions_to_answer", args=[link.reference])
    return reverse(f"records:questions_{what}", args=[link.reference, row.reference, *args])


def _visit(link: RecordLink) -> Appointment:
    visits = Appointment.objects.visits().with_details()
    return get_object_or_404(visits, pk=int(link.subject), patient__isnull=False)


def _row(link: RecordLink, part: str) -> FormRequest:
    """Of this link's visit alone; another's is as one that is not there."""
    rows = FormRequest.objects.select_related("questionnaire", "version", "visit__patient", "patient")
    row = rows.filter(reference=part, visit=int(link.subject)).first()
    if row is None:
        raise Http404
    return row


def _browser(request: HttpRequest) -> str:
    """What tells this browser from others: a secret of its session, of which the rows keep a digest."""
    if BROWSER not in request.session:
        request.session[BROWSER] = secrets.token_urlsafe(32)
    return sha256(request.session[BROWSER].encode()).hexdigest()[:32]


def _told(sitting: Sitting, entry: Entry) -> list[str]:
    """What the rules say to the patient, for the page that follows."""
    flags: list[dict[str, str]] = sitting.opened.body(entry)["flags"]
    return list(dict.fromkeys(flag["to_patient"] for flag in flags if flag["to_patient"]))[:MOST_TOLD]
