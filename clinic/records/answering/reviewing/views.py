"""The answers of a visit as whoever treats goes through them with the patient."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bookings.visits.models import Appointment
from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import user_of
from clinic.accounts.rights import Right, may
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice, take_notice
from clinic.records.answering.reviewing import saving
from clinic.records.answering.reviewing.answers import Answers, answers_of
from clinic.records.answering.reviewing.forms import FlagsForm
from clinic.records.answering.reviewing.missing import missing_of
from clinic.records.answering.reviewing.signing import NewAnswers, sign_review
from clinic.records.answering.states import questions_state
from clinic.records.entries.models import Draft
from clinic.records.entries.saving import Stale
from clinic.records.entries.signing import AlreadySigned
from clinic.records.reading.opening import OpenRecord
from clinic.records.reading.views_guard import SIGNS_WITHIN, clinical, opened_for, patient_of, visit_with_record

PAGE = "answers"


@dataclass(frozen=True, slots=True)
class Sent:
    """What came back of one form, and what is said about it."""

    to: Answers
    form: FlagsForm
    refusal: str = ""
    theirs: dict[str, Any] | None = None

    @property
    def others(self) -> list[tuple[str, str]]:
        """What another screen says of each flag."""
        said = self.theirs or {}
        rules = [(one.flag.to_staff, one.flag.rule) for one in self.form.flags]
        return [
            (words, f"{said.get(f'does_{rule}', '')} {said.get(f'why_{rule}', '')}".strip()) for words, rule in rules
        ]


@require_http_methods(["GET", "HEAD", "POST"])
@clinical()
def questions(request: HttpRequest, reference: str) -> HttpResponse:
    """`response`: whose flags are decided on; `sign` to sign. Without that they are kept as a draft."""
    visit = visit_with_record(reference)
    opened = opened_for(request, patient_of(visit), PAGE, visit=visit)
    if request.method != "POST":
        return _page(request, visit, opened)
    of = request.POST.get("response", "")
    one = next((one for one in answers_of(opened, visit, clock.now()) if str(one.response.pk) == of), None)
    if one is None:
        return _page(
            request, visit, opened, refusal=str(NewAnswers("Other answers came in meanwhile. Please look at them."))
        )
    return _save_or_sign(request, visit, opened, one)


def _save_or_sign(request: HttpRequest, visit: Appointment, opened: OpenRecord, one: Answers) -> HttpResponse:
    form = saving.form_of(opened, visit, one, request.POST)
    is_valid = form.is_valid()
    version, after = form.cleaned_data.get("version") or 0, form.cleaned_data.get("after", "")
    if one.review and str(one.review.pk) != after:
        leave_notice(request, f"{one.review.entry.signed_by} reviewed these answers meanwhile.")
        return redirect("records:questions", visit.reference)
    try:
        draft = saving.save_typed(visit, one, form, version=version, writer=user_of(request), now=clock.now())
    except Stale as stale:
        theirs = opened.values(stale.theirs) if stale.theirs else {}
        if theirs != form.typed():
            return _stale(request, visit, opened, Sent(one, form, str(stale), theirs), stale.theirs)
        draft = stale.theirs  # type: ignore[assignment]  # an empty one says nothing, and is never what was typed
    if "sign" not in request.POST:
        return _saved(request, visit, form, draft)
    if not is_valid:
        return _page(request, visit, opened, sent=Sent(one, form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    require_fresh_sign_in(request, within=SIGNS_WITHIN)
    return _signed(request, visit, opened, Sent(one, form))


def _signed(request: HttpRequest, visit: Appointment, opened: OpenRecord, sent: Sent) -> HttpResponse:
    try:
        sign_review(
            opened=opened,
            visit=visit,
            response=sent.to.response,
            decided=sent.form.decided(),
            after=sent.form.cleaned_data["after"],
            signer=user_of(request),
            now=clock.now(),
        )
    except AlreadySigned as first:
        leave_notice(request, str(first))
    except DomainError as refusal:
        return _page(request, visit, opened, refusal=str(refusal))
    else:
        leave_notice(request, "Reviewed, and signed.")
    return redirect("records:questions", visit.reference)


def _saved(request: HttpRequest, visit: Appointment, form: FlagsForm, draft: Draft) -> HttpResponse:
    if getattr(request, "htmx", False):
        context = {"field": form["version"], "draft": draft}
        return render(request, "records/answering/reviewing/_saved.html", context)
    leave_notice(request, "Saved. It is not signed yet.")
    return redirect("records:questions", visit.reference)


def _stale(
    request: HttpRequest, visit: Appointment, opened: OpenRecord, sent: Sent, draft: Draft | None
) -> HttpResponse:
    """What was sent goes over theirs only once both were seen."""
    newer = {sent.form.add_prefix("version"): str(draft.version if draft else 0)}
    sent.form.data = {**request.POST.dict(), **newer}
    return _page(request, visit, opened, sent=sent, refusal=sent.refusal)


def _page(
    request: HttpRequest,
    visit: Appointment,
    opened: OpenRecord,
    *,
    sent: Sent | None = None,
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    now = clock.now()
    found = answers_of(opened, visit, now)
    forms = [
        sent.form if sent and sent.to.response == one.response else saving.form_of(opened, visit, one) for one in found
    ]
    context = {
        "section": "diary",
        "visit": visit,
        "every": list(zip(found, forms, strict=True)),
        "missing": missing_of(visit),
        "state": questions_state(visit, now),
        "sent": sent,
        "refusal": refusal,
        "may_write": may(request.user, Right.WRITE_RECORDS),
        "notice": take_notice(request),
        "here": reverse("records:questions", args=[visit.reference]),
    }
    status = HTTPStatus.CONFLICT if refusal else status
    return render(request, "records/answering/reviewing/questions.html", context, status=status)
