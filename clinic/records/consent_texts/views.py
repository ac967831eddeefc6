"""The clinic's own consent texts: list, write, read as a patient does, approve."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice, take_notice
from clinic.practitioners.models import Practitioner
from clinic.records.consent_texts import drafting
from clinic.records.consent_texts.comparing import changes
from clinic.records.consent_texts.content import gaps, on_page
from clinic.records.consent_texts.forms import NewDocumentForm, VersionForm
from clinic.records.consent_texts.models import ConsentDocument, ConsentVersion


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def index(request: HttpRequest) -> HttpResponse:
    """All documents. POST `do` = begin one by `name`, or our examples."""
    if request.POST.get("do") == "examples":
        made = drafting.begin_examples(writer=user_of(request), now=clock.now())
        leave_notice(request, f"{len(made)} drafts begun. Read and change them: nobody has approved them.")
        return redirect("records:consent_texts")
    form = NewDocumentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            document = drafting.begin(form.cleaned_data["name"], writer=user_of(request), now=clock.now())
        except drafting.NameTaken as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("records:consent_text", document.reference)
    documents = ConsentDocument.objects.prefetch_related("rules__treatment")
    context = {"section": "forms", "form": form, "documents": documents, "notice": take_notice(request)}
    return render(request, "records/consent_texts/list.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS)
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Write the next version, beginning with what is in use."""
    document = _document(reference)
    newest = document.draft or document.in_use
    if request.method == "POST":
        form = VersionForm(request.POST)
        if form.is_valid():
            return _save(request, document, form)
    else:
        form = VersionForm(initial=_shown(document, newest))
    context = {"section": "forms", "document": document, "form": form, "draft": document.draft}
    context |= {"in_use": document.in_use, "notice": take_notice(request)}
    context["note"] = newest.content["note"] if newest else ""
    return render(request, "records/consent_texts/edit.html", context, status=_status(form))


@require_safe
@needs(Right.WRITE_TEXTS)
def read(request: HttpRequest, reference: str) -> HttpResponse:
    """The newest version, as a patient reads it."""
    document = _document(reference)
    version = get_object_or_404(document.versions.order_by("-number")[:1])
    context = {"section": "forms", "document": document, "version": version, "text": version.content}
    return render(request, "records/consent_texts/read.html", context | {"blocks": on_page(version.content)})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.APPROVE_TEXTS)
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    """Read what changes, word for word, then approve. POST `seen` = the digest of what was shown."""
    document = _document(reference)
    draft = document.draft
    approver = Practitioner.objects.filter(user=user_of(request)).first()
    if draft is None:
        leave_notice(request, "There is no draft to approve.")
        return redirect("records:consent_text", reference)
    refusal = ""
    if request.method == "POST" and approver:
        require_fresh_sign_in(request)
        try:
            drafting.bring_into_use(draft, by=approver, seen=request.POST.get("seen", ""), now=clock.now())
        except DomainError as error:
            refusal = str(error)
        else:
            leave_notice(request, f"Version {draft.number} of {document} is in use.")
            return redirect("records:consent_texts")
    in_use = document.in_use
    context = {"section": "forms", "document": document, "draft": draft, "in_use": in_use, "refusal": refusal}
    context |= {"changes": changes(in_use.content if in_use else None, draft.content), "gaps": gaps(draft.content)}
    context |= {"approver": approver, "text": draft.content, "blocks": on_page(draft.content)}
    return render(request, "records/consent_texts/approve.html", context, status=409 if refusal else 200)


def _document(reference: str) -> ConsentDocument:
    return get_object_or_404(ConsentDocument, reference=reference)


def _shown(document: ConsentDocument, newest: ConsentVersion | None) -> dict[str, Any]:
    values = VersionForm.values_of(newest.content) if newest else {}
    is_draft = newest is not None and newest == document.draft
    material = ("yes" if newest.is_material else "no") if newest and is_draft else None
    asking = [rule.treatment_id for rule in document.rules.all()]
    return values | {"is_material": material, "treatments": asking}


def _save(request: HttpRequest, document: ConsentDocument, form: VersionForm) -> HttpResponse:
    newest = document.draft or document.in_use
    note = newest.content["note"] if newest and "keep_note" in request.POST else ""
    is_material = form.cleaned_data["is_material"] == "yes"
    drafting.write(document, form.content(note), is_material=is_material, writer=user_of(request), now=clock.now())
    drafting.ask_for(document, form.cleaned_data["treatments"])
    leave_notice(request, "Saved as a draft. It is used once a practitioner has approved it.")
    return redirect("records:consent_text", document.reference)


def _status(form: Any) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
