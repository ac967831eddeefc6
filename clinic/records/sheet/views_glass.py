"""Open a record for a reason, from the page of its visit; and look into what others opened."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bookings.visits.access import NAMELESS, withhold_limited
from clinic.accounts.fresh_sign_in import fresh_sign_in_required
from clinic.accounts.models import User
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page
from clinic.patients.models import Patient
from clinic.records.reading import glass
from clinic.records.reading.mail import tell_owners
from clinic.records.reading.models import BreakGlass
from clinic.records.reading.models.glass import REVIEWED_WITHIN
from clinic.records.reading.views_guard import visit_with_record
from clinic.records.reading.whose import purpose_of
from clinic.records.sheet.forms import GlassForm, ReviewForm
from clinic.staff.people import owners

SHOWN = 50


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


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_RECORD_ACCESS)
def openings(request: HttpRequest) -> HttpResponse:
    """What was opened for a reason: those that nobody has looked into first. Nothing of the records is shown."""
    form, of, status = ReviewForm(), request.POST.get("grant", ""), 200
    if request.method == "POST":
        grant = get_object_or_404(BreakGlass, pk=of if of.isdecimal() else None)
        form, status = ReviewForm(request.POST), 422
        if form.is_valid():
            try:
                _review(user_of(request), grant, form)
            except DomainError as error:
                form.add_error("finding", str(error))
            else:
                leave_notice(request, "Noted.")
                return redirect("records:openings")
    rows = BreakGlass.objects.select_related("user", "patient", "review__by")
    context = {
        "section": "people",
        "to_review": list(rows.to_review()),
        "reviewed": list(rows.exclude(review=None)[:SHOWN]),
        "form": form,
        "of": of,
        "overdue_since": clock.now() - REVIEWED_WITHIN,
        "notice": take_notice(request),
        "here": reverse("records:openings"),
    }
    return render_page(request, "records/reading/openings.html", context, status=status)


def _review(by: User, grant: BreakGlass, form: ReviewForm) -> None:
    said = form.cleaned_data
    is_alone = not owners().exclude(pk=by.pk).exists()
    glass.review(
        grant=grant, by=by, was_right=said["was_right"], finding=said["finding"], is_alone=is_alone, now=clock.now()
    )
