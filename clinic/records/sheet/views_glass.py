"""Open a record for a reason, from the page of its visit."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from bookings.visits.access import NAMELESS, withhold_limited
from clinic.accounts.fresh_sign_in import fresh_sign_in_required
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.web.flash import leave_notice
from clinic.core.web.htmx import render_page
from clinic.patients.models import Patient
from clinic.records.reading import glass
from clinic.records.reading.mail import tell_owners
from clinic.records.reading.views_guard import visit_with_record
from clinic.records.reading.whose import purpose_of
from clinic.records.sheet.forms import GlassForm


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.BREAK_GLASS)
@fresh_sign_in_required
def break_glass(request: HttpRequest, reference: str) -> HttpResponse:
    """`reason`, `token`: half an hour with the record of this visit's patient. Owners are told, and the patient sees it."""
    visit = visit_with_record(reference)
    patient = visit.patient or Patient()
    if purpose_of(user_of(request), patient, clock.now()):
        return redirect("records:sheet", reference)
    withhold_limited([visit], request.user)
    if visit.is_limited and visit.whose == NAMELESS:
        raise Http404  # as the diary's page of that visit
    form = GlassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        grant = glass.break_glass(
            patient=patient, user=user_of(request), reason=said["reason"], token=said["token"], now=clock.now()
        )
        tell_owners(grant)
        leave_notice(request, "Opened for half an hour. The owner has been told, and the patient sees it.")
        return redirect("records:sheet", reference)
    status = 422 if request.method == "POST" else 200
    context = {"section": "diary", "visit": visit, "form": form}
    return render_page(request, "records/reading/glass.html", context, status=status)
