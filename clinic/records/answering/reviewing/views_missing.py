"""Answers that are not in: fill them in with the patient, page by page, or say why they are not needed."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import user_of
from clinic.core import clock
from clinic.core.web.flash import leave_notice
from clinic.practitioners.models import Practitioner
from clinic.records.answering.models import FormRequest
from clinic.records.answering.reviewing.flags import LEAST_REASON
from clinic.records.answering.reviewing.waiving import NotOpen, open_request, waive
from clinic.records.answering.saving import NotOpen as Closed
from clinic.records.answering.views import pages
from clinic.records.answering.views.sitting import Sitting
from clinic.records.entries.models import Entry
from clinic.records.entries.signing import Author
from clinic.records.questions.models import Questionnaire
from clinic.records.reading.views_guard import (
    SIGNS_WITHIN,
    clinical,
    opened_for,
    patient_of,
    require_own,
    visit_with_record,
)

LONGEST_REASON = 500


class WaiveForm(forms.Form):
    use_required_attribute = False
    why = forms.CharField(
        label="Why the answers are not needed",
        min_length=LEAST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
        error_messages={
            "required": "Say why they are not needed",
            "min_length": f"Say it in {LEAST_REASON} letters or more",
            "max_length": f"{LONGEST_REASON} letters at most",
        },
    )


@require_POST
@clinical()
def begin(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """Lead to the first page of these questions."""
    visit = visit_with_record(reference)
    require_own(request, patient_of(visit))
    questionnaire = get_object_or_404(Questionnaire, slug=slug)
    try:
        row = open_request(visit, questionnaire, clock.now())
    except NotOpen as refusal:
        leave_notice(request, str(refusal))
        return redirect("records:questions", reference)
    return redirect("records:fill_in", reference, row.reference, 1)


@require_http_methods(["GET", "HEAD", "POST"])
@clinical()
def not_needed(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """`why`: what the visit starts without."""
    visit = visit_with_record(reference)
    require_own(request, patient_of(visit))
    questionnaire = get_object_or_404(Questionnaire, slug=slug)
    form = WaiveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        require_fresh_sign_in(request, within=SIGNS_WITHIN)
        try:
            practitioner = get_object_or_404(Practitioner, user=user_of(request))
            row = open_request(visit, questionnaire, clock.now())
            waive(row, by=practitioner, why=form.cleaned_data["why"], now=clock.now())
        except NotOpen as refusal:
            leave_notice(request, str(refusal))
        else:
            leave_notice(request, "Noted: these answers are not needed before this visit.")
        return redirect("records:questions", reference)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = {"section": "diary", "visit": visit, "form": form, "questionnaire": questionnaire}
    return render(request, "records/answering/reviewing/not_needed.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@clinical()
def fill_in(request: HttpRequest, reference: str, part: str, number: int) -> HttpResponse:
    return _answered(request, reference, part, number)


@require_POST
@clinical()
def fill_in_save(request: HttpRequest, reference: str, part: str, number: int) -> HttpResponse:
    """One answer, as the script sends it."""
    return pages.save_one(request, _sitting(request, reference, part), number)


@require_http_methods(["GET", "HEAD", "POST"])
@clinical()
def fill_in_check(request: HttpRequest, reference: str, part: str) -> HttpResponse:
    """Send them into the record, with who helped; `interpreter` if there was one."""
    return _answered(request, reference, part, 0)


def _answered(request: HttpRequest, reference: str, part: str, number: int) -> HttpResponse:
    try:
        sitting = _sitting(request, reference, part)
        if number:
            return pages.question_page(request, sitting, number)
        if request.method == "POST":
            require_fresh_sign_in(request, within=SIGNS_WITHIN)
        outcome = pages.check_page(request, sitting)
    except Closed as refusal:
        leave_notice(request, str(refusal))
        return redirect("records:questions", reference)
    if not isinstance(outcome, Entry):
        return outcome
    leave_notice(request, "Sent. Now look at the answers together.")
    return redirect("records:questions", reference)


def _sitting(request: HttpRequest, reference: str, part: str) -> Sitting:
    visit, reader = visit_with_record(reference), user_of(request)
    rows = FormRequest.objects.select_related("questionnaire", "version", "visit__patient", "patient")
    row = rows.filter(reference=part, visit=visit).first()
    if row is None:
        raise Http404
    require_own(request, patient_of(visit))
    if not row.is_open:
        raise Closed("These answers were sent already, or are not needed any more.")
    return Sitting(
        row=row,
        author=Author.staff(reader),
        written_on=f"staff-{reader.pk}",
        sees_all=True,
        open=partial(opened_for, request, patient_of(visit), "questions", visit=visit),
        address=partial(_address, reference, part),
        now=clock.now(),
        about={"base": "base_staff.html", "section": "diary", "visit": visit},
    )


def _address(reference: str, part: str, what: str, *args: int) -> str:
    if what in {"later", "start"}:
        return reverse("records:questions", args=[reference])
    name = {"page": "fill_in", "save": "fill_in_save", "check": "fill_in_check"}[what]
    return reverse(f"records:{name}", args=[reference, part, *args])
