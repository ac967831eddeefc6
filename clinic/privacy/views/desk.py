"""The worklist of requests about data: the desk takes them in and sees when they are due, an owner answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.accounts.fresh_sign_in import fresh_sign_in_required
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right, may
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.formats import written_date
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page
from clinic.patients.models import Patient
from clinic.privacy import erasure
from clinic.privacy import requests as rules
from clinic.privacy.forms import AnswerForm, ExtendForm, RefuseForm, TakeInForm
from clinic.privacy.models import DataRequest
from clinic.privacy.people import limited_among, own_account, person_of

CLOSED_SHOWN = 50
WRONG, REFUSED = 422, 409
NOT_THEIRS = "The account that asked does not open this record any more. Make sure who asks, and take it in by hand."
FORMS: dict[str, type[forms.Form]] = {"answer": AnswerForm, "refuse": RefuseForm, "extend": ExtendForm}
STEPS: dict[str, Callable[..., DataRequest]] = {
    "acknowledge": rules.acknowledge,
    "identity": rules.ask_identity,
    "proved": rules.prove_identity,
    "withdraw": rules.withdraw,
    "answer": rules.answer,
    "limit": rules.limit,
    "refuse": rules.refuse,
    "extend": rules.extend,
}
SAID = {
    "acknowledge": "Acknowledged.",
    "identity": "Proof of identity is asked for. The clock stands still until it comes.",
    "proved": "Identity proved. The clock runs on.",
    "withdraw": "Withdrawn, as they wish.",
    "answer": "Answered.",
    "limit": "Limited, and told. Owners alone open the record from now on.",
    "refuse": "Refused, with the reason and where to complain.",
    "extend": "Extended, and told.",
}


@require_safe
@needs(Right.SEE_DATA_REQUESTS)
def requests(request: HttpRequest) -> HttpResponse:
    """The open ones, the first to be due first; then what was closed lately."""
    now = clock.now()
    rows = sorted(DataRequest.objects.open().with_details(), key=lambda row: (row.is_paused, row.until))
    closed = DataRequest.objects.exclude(pk__in=[row.pk for row in rows]).with_details().order_by("-answered_at")
    closed = closed[:CLOSED_SHOWN]
    context = {
        "section": "requests",
        "open": [(row, row.colour(now)) for row in rows],
        "closed": closed,
        "limited": _limited((row.patient_id for row in [*rows, *closed]), request.user),
        "notice": take_notice(request),
    }
    return render_page(request, "privacy/desk/requests.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA_REQUESTS)
def take_in(request: HttpRequest, reference: str) -> HttpResponse:
    """Type in what a patient asked by letter, by telephone or at the desk."""
    patient, now = get_object_or_404(Patient.objects.current(), reference=reference), clock.now()
    if _limited([patient.pk], request.user):
        raise Http404
    form = TakeInForm(request.POST or None, today=clock.today(now))
    if form.is_valid():
        made = rules.take_in(**form.cleaned_data, patient=patient, by=user_of(request), now=now)
        leave_notice(request, f"Taken in. It is due on {written_date(made.due_on)}.")
        return redirect("privacy:request", made.reference)
    context = {"section": "requests", "patient": patient, "form": form}
    return render_page(request, "privacy/desk/take_in.html", context, status=WRONG if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_DATA_REQUESTS, to_change=Right.ANSWER_DATA_REQUESTS)
def request(request: HttpRequest, reference: str) -> HttpResponse:
    """One request; POST `do=` takes a step."""
    row = _row(reference)
    if _limited([row.patient_id], request.user):
        raise Http404
    if request.method != "POST":
        return _page(request, row)
    do = request.POST.get("do", "")
    form = FORMS[do](request.POST, auto_id=f"{do}-%s") if do in FORMS else forms.Form(request.POST)
    if do not in STEPS or not form.is_valid():
        return _page(request, row, sent={do: form}, status=WRONG)
    try:
        STEPS[do](row, **form.cleaned_data, by=user_of(request), now=clock.now())
    except DomainError as refusal:
        return _page(request, _row(reference), sent={do: form}, refusal=str(refusal), status=REFUSED)
    leave_notice(request, SAID[do] if row.email else f"{SAID[do]} No email address is known: please write or ring.")
    return redirect("privacy:request", reference)


@require_POST
@needs(Right.ANSWER_DATA_REQUESTS)
@fresh_sign_in_required
def erase(request: HttpRequest, reference: str) -> HttpResponse:
    """Do what a request for deletion asks, and answer it."""
    rows, now = DataRequest.objects.open().with_details(), clock.now()
    row = get_object_or_404(rows, reference=reference, kind=DataRequest.Kind.ERASE)
    if row.account and row.patient and own_account(row.patient) != row.account:
        return _page(request, row, refusal=NOT_THEIRS, status=REFUSED)
    try:
        log = erasure.erase(person_of(patient=row.patient, account=row.account), now=now, by=user_of(request))
    except DomainError as refusal:
        return _page(request, _row(reference), refusal=str(refusal), status=REFUSED)
    leave_notice(request, erasure.in_words(log))
    return redirect("privacy:requests")


@require_POST
@needs(Right.ANSWER_DATA_REQUESTS)
def end_limit(request: HttpRequest, reference: str) -> HttpResponse:
    """Use a record as any other again, and tell its patient."""
    patient = get_object_or_404(Patient.objects.current(), reference=reference)
    try:
        rules.end_limit(patient)
        said = "Used as any other again, and they are told."
        leave_notice(
            request, said if patient.email else "Used as any other again. Please tell them: no email is known."
        )
    except DomainError as refusal:
        leave_notice(request, str(refusal))
    return redirect("bookings:patient", reference)


def _limited(patients: Iterable[int | None], reader: Any) -> set[int]:
    """Whose record the reader may not open."""
    return set() if may(reader, Right.ANSWER_DATA_REQUESTS) else limited_among(patients)


def _row(reference: str) -> DataRequest:
    return get_object_or_404(DataRequest.objects.with_details(), reference=reference)


def _page(
    request: HttpRequest,
    row: DataRequest,
    *,
    refusal: str = "",
    status: int = 200,
    sent: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    now, sent = clock.now(), sent or {}
    error_form = next((form for form in sent.values() if form.errors), None)
    context: dict[str, Any] = {
        "section": "requests",
        "row": row,
        "colour": row.colour(now),
        "may_answer": may(request.user, Right.ANSWER_DATA_REQUESTS),
        "can_be_extended": row.can_be_extended(now),
        "form": error_form,
        "refusal": refusal,
        "notice": take_notice(request),
        **{name: sent.get(name) or form(auto_id=f"{name}-%s") for name, form in FORMS.items()},
    }
    if row.kind == DataRequest.Kind.ERASE and row.is_open and (row.patient or row.account):
        context["plan"] = erasure.plan(person_of(patient=row.patient, account=row.account), now)
    return render_page(request, "privacy/desk/request.html", context, status=status)
