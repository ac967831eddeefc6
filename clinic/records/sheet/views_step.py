"""Start and complete a visit on its sheet, where what it still lacks is read."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from bookings.desk.views.versions import version_shown, visit_of
from bookings.engine.status_changes import change_status
from bookings.openings.gates import NotReady
from bookings.visits.refusals import for_staff
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice
from clinic.core.web.posted import posted_to
from clinic.records.reading.views_guard import clinical, visit_with_record
from clinic.records.sheet.steps import DONE_HERE
from clinic.records.sheet.views_sheet import sheet_page


@posted_to("records:sheet")
@clinical()
def step(request: HttpRequest, reference: str) -> HttpResponse:
    """`status`, `version`: of a visit that the diary lets them change. A refusal is said above what is missing."""
    visit, wanted = visit_of(request, reference), request.POST.get("status", "")
    if wanted not in DONE_HERE:
        return _refused(request, reference, "That is not something a visit can become here.")
    former = visit.status
    try:
        changed = change_status(appointment=visit, status=wanted, now=clock.now(), version=version_shown(request))
    except NotReady as refusal:
        return _refused(request, reference, refusal.headline.rstrip(":") + ", as the steps say.")
    except DomainError as refusal:
        return _refused(request, reference, for_staff(refusal))
    back = {"status": former, "version": changed.version, "next": reverse("records:sheet", args=[reference])}
    leave_notice(
        request,
        f"{changed.whose}: {changed.get_status_display().lower()}.",
        action=reverse("bookings:diary_status", args=[reference]),
        fields=back if former != wanted and changed.can_become(former) else {},
    )
    return redirect("records:sheet", reference)


def _refused(request: HttpRequest, reference: str, why: str) -> HttpResponse:
    return sheet_page(request, visit_with_record(reference), refusal=why, status=HTTPStatus.CONFLICT)
