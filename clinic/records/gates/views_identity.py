"""Note that identity was seen: which kind of document, and by whom. Source: AGE-03."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import user_of
from clinic.core import clock
from clinic.core.web.flash import leave_notice
from clinic.records.entries.models import Kind
from clinic.records.entries.signing import Author, add_entry
from clinic.records.gates.forms_identity import Document, IdentityForm
from clinic.records.gates.missing import is_seen
from clinic.records.reading.views_guard import SIGNS_WITHIN, clinical, patient_of, require_own, visit_with_record


@require_http_methods(["GET", "HEAD", "POST"])
@clinical()
def identity(request: HttpRequest, reference: str) -> HttpResponse:
    """Reads nothing of the record, so it leaves no line in its log; what it writes is an entry."""
    visit = visit_with_record(reference)
    patient = patient_of(visit)
    require_own(request, patient)
    form = IdentityForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        require_fresh_sign_in(request, within=SIGNS_WITHIN)
        if not is_seen(patient):  # the same button pressed twice
            add_entry(
                patient=patient,
                kind=Kind.IDENTITY_CHECK,
                body={"document": str(Document(form.cleaned_data["document"]).label)},
                author=Author.staff(user_of(request)),
                occurred_at=clock.now(),
                visit=visit,
            )
        leave_notice(request, "Identity is noted as seen.")
        return redirect("bookings:diary_visit", reference)
    context = {"section": "diary", "visit": visit, "form": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "records/gates/identity.html", context, status=status)
