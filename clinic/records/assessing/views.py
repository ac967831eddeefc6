"""The consultation of a visit: its sections, each saved by itself, and all of it signed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bookings.visits.models import Appointment
from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import user_of
from clinic.accounts.rights import Right, may
from clinic.core import clock
from clinic.core.web.flash import leave_notice, take_notice
from clinic.records.assessing.checking import NotComplete
from clinic.records.assessing.reading_drafts import came_to, written
from clinic.records.assessing.sections import BY_KEY
from clinic.records.assessing.signing import NoProfile, sign_assessment, signed_words, treatments_by_number
from clinic.records.assessing.standing import assessment_entry_of
from clinic.records.assessing.views_section import section_page
from clinic.records.entries.signing import AlreadySigned
from clinic.records.reading.views_guard import SIGNS_WITHIN, clinical, opened_for, patient_of, visit_with_record

PAGE = "assessment"


@require_http_methods(["GET", "HEAD", "POST"])
@clinical()
def assessment(request: HttpRequest, reference: str) -> HttpResponse:
    """All of it, or with `?section=` one section and its form; once it is signed, what was signed."""
    visit = visit_with_record(reference)
    section = BY_KEY.get(request.GET.get("section", ""))
    if section is not None:
        return section_page(request, visit, section)
    return _overview(request, visit)


@require_POST
@clinical()
def sign(request: HttpRequest, reference: str) -> HttpResponse:
    """Sign it. Who signed in longer than a quarter of an hour ago is asked again first; what was typed stays."""
    visit = visit_with_record(reference)
    opened = opened_for(request, patient_of(visit), PAGE, visit=visit)
    require_fresh_sign_in(request, within=SIGNS_WITHIN)
    try:
        sign_assessment(
            opened=opened,
            patient=patient_of(visit),
            visit=visit,
            signer=user_of(request),
            treatments=treatments_by_number(),
            now=clock.now(),
        )
    except AlreadySigned as first:
        leave_notice(request, str(first))
    except (NotComplete, NoProfile) as refusal:
        return _overview(request, visit, refusal=refusal)
    else:
        leave_notice(request, "Signed. It is part of the record now.")
    return redirect("records:assessment", reference)


def _overview(request: HttpRequest, visit: Appointment, refusal: Exception | None = None) -> HttpResponse:
    opened = opened_for(request, patient_of(visit), PAGE, visit=visit)
    entry = assessment_entry_of(visit.pk)
    context: dict[str, Any] = {
        "section": "diary",
        "visit": visit,
        "here": reverse("records:assessment", args=[visit.reference]),
        "may_write": may(request.user, Right.WRITE_RECORDS),
        "refusal": refusal,
        "notice": take_notice(request),
    }
    if entry is not None:
        context |= {"entry": entry, "said": opened.body(entry), "came": came_to(entry), "signed": signed_words(entry)}
        return render(request, "records/assessing/signed.html", context)
    sections = written(opened, visit, treatments_by_number(), clock.today())
    context |= {"sections": sections, "open": sum(not one.is_done for one in sections)}
    status = HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
    return render(request, "records/assessing/overview.html", context, status=status)
