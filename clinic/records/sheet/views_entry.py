"""One entry: add to it, strike it, sign it too. What is refused is said there, with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import user_of
from clinic.accounts.rights import Right, may
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice
from clinic.core.web.htmx import render_page
from clinic.records.entries import corrections
from clinic.records.entries.models import Entry
from clinic.records.entries.signing import Author
from clinic.records.reading.views_guard import SIGNS_WITHIN, clinical, opened_for
from clinic.records.reading.whose import records_of
from clinic.records.sheet.forms import AdditionForm, StrikeForm
from clinic.records.sheet.opened_entries import read_all
from clinic.records.sheet.views_record import record_of


@dataclass(frozen=True, slots=True)
class Act:
    """What is done about an entry: its form, its name in the log and in the page, and what is said when it is done."""

    form: type[forms.Form]
    name: str
    do: Callable[[Entry, forms.Form], None]
    done: str


@require_http_methods(["GET", "HEAD", "POST"])
@clinical()
def addendum(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    """`text`: put under the entry."""

    def add(entry: Entry, form: forms.Form) -> None:
        author = Author.staff(user_of(request))
        corrections.add_to(entry=entry, text=form.cleaned_data["text"], author=author, now=clock.now())

    return _answer(request, reference, pk, Act(AdditionForm, "addendum", add, "Added."))


@require_http_methods(["GET", "HEAD", "POST"])
@clinical()
def strike(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    """`text`: why it was entered in error."""

    def strike_it(entry: Entry, form: forms.Form) -> None:
        leads = may(request.user, Right.SEE_RECORD_ACCESS)  # an owner who treats leads whoever treats here
        author = Author.staff(user_of(request))
        corrections.strike(entry=entry, reason=form.cleaned_data["text"], author=author, is_lead=leads, now=clock.now())

    return _answer(request, reference, pk, Act(StrikeForm, "strike", strike_it, "The entry is struck."))


@require_http_methods(["GET", "HEAD", "POST"])
@clinical()
def cosign(request: HttpRequest, reference: str, pk: UUID) -> HttpResponse:
    """Sign what somebody else signed."""

    def sign(entry: Entry, form: forms.Form) -> None:
        corrections.cosign(entry=entry, author=Author.staff(user_of(request)), now=clock.now())

    return _answer(request, reference, pk, Act(forms.Form, "cosign", sign, "You have co-signed it."))


def _answer(request: HttpRequest, reference: str, pk: UUID, act: Act) -> HttpResponse:
    patient = record_of(reference)
    opened = opened_for(request, patient, act.name)
    rows = Entry.objects.filter(patient__in=records_of(patient).values("pk")).in_order().select_related("patient")
    entry = get_object_or_404(rows, pk=pk)
    form, refusal, status = act.form(request.POST if request.method == "POST" else None), "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            require_fresh_sign_in(request, within=SIGNS_WITHIN)
            try:
                act.do(entry, form)
            except DomainError as error:
                refusal, status = str(error), 409
            else:
                leave_notice(request, act.done)
                return _back(entry, reference)
    context = {
        "section": "patients",
        "patient": patient,
        "reference": reference,
        "read": read_all(opened, [entry])[0] if entry.corrects_id is None else None,
        "form": form,
        "what": act.name,
        "refusal": refusal,
    }
    return render_page(request, "records/sheet/entry.html", context, status=status)


def _back(entry: Entry, reference: str) -> HttpResponse:
    return redirect("records:sheet", entry.visit.reference) if entry.visit else redirect("records:record", reference)
