"""The note of a visit: saved while it is typed, signed by a press, and never lost between the two."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from bookings.visits.models import Appointment
from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import user_of
from clinic.core import clock
from clinic.core.web.flash import leave_notice
from clinic.core.web.htmx import render_page
from clinic.records.entries.keys import sealer_of
from clinic.records.entries.models import Draft, Kind
from clinic.records.entries.saving import Place, Stale, save_section
from clinic.records.entries.signing import AlreadySigned, Author, sign
from clinic.records.reading.views_guard import (
    SIGNS_WITHIN,
    clinical,
    opened_for,
    patient_of,
    require_own,
    visit_with_record,
)
from clinic.records.sheet.forms import NoteForm
from clinic.records.sheet.views_sheet import SECTION, sheet_page, text_of


@require_http_methods(["GET", "HEAD", "POST"])
@clinical()
def note(request: HttpRequest, reference: str) -> HttpResponse:
    """`text`, `version`; `sign` to sign it. Without that it is kept as a draft, whatever it says."""
    visit = visit_with_record(reference)
    require_own(request, patient_of(visit))
    if request.method != "POST":
        return redirect("records:sheet", reference)
    form = NoteForm(request.POST)
    is_valid = form.is_valid()
    try:
        draft = _save(request, visit, form.cleaned_data.get("version") or 0)
    except Stale as stale:
        opened = opened_for(request, patient_of(visit), "visit sheet", visit=visit)
        if stale.theirs is None or text_of(opened, stale.theirs) != _typed(request):
            return sheet_page(request, visit, opened=opened, form=form, stale=stale, status=409)
        draft = stale.theirs  # sent twice, or sent again after signing in anew: it says the same
    if "sign" not in request.POST:
        return _saved(request, visit, draft)
    if not is_valid:
        return sheet_page(request, visit, form=form, status=422)
    require_fresh_sign_in(request, within=SIGNS_WITHIN)
    return _signed(request, visit)


def _save(request: HttpRequest, visit: Appointment, version: int) -> Draft:
    patient = patient_of(visit)
    return save_section(
        place=Place(patient, Kind.NOTE, SECTION, visit),
        values={SECTION: _typed(request)},
        version=version,
        sealer=sealer_of(patient),
        writer=user_of(request),
        now=clock.now(),
    )


def _typed(request: HttpRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n").replace("\0", "")


def _saved(request: HttpRequest, visit: Appointment, draft: Draft) -> HttpResponse:
    if not getattr(request, "htmx", False):
        leave_notice(request, "Saved. It is not signed yet.")
        return redirect("records:sheet", visit.reference)
    return render_page(request, "records/entries/_saved.html", {"draft": draft, "at": clock.local(draft.updated_at)})


def _signed(request: HttpRequest, visit: Appointment) -> HttpResponse:
    patient = patient_of(visit)
    opened = opened_for(request, patient, "signing", visit=visit)
    try:
        sign(
            opened=opened,
            patient=patient,
            visit=visit,
            kind=Kind.NOTE,
            author=Author.staff(user_of(request)),
            occurred_at=min(visit.starts_at, clock.now()),
            build=lambda sections: ({SECTION: sections[SECTION][SECTION].strip()}, []),
        )
    except AlreadySigned as signed:
        leave_notice(request, str(signed))
    else:
        leave_notice(request, "The note is signed.")
    return redirect("records:sheet", visit.reference)
