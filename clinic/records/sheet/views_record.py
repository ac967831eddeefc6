"""A patient's whole record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clinic.accounts.rights import Right, may
from clinic.core.web.flash import take_notice
from clinic.core.web.htmx import render_page
from clinic.patients.models import Patient
from clinic.records.entries.keys import key_of
from clinic.records.entries.models import RecordKey
from clinic.records.reading.views_guard import clinical, opened_for, require_own
from clinic.records.sheet.timeline import timeline

LONGEST_WORDS = 80


def record_of(reference: str) -> Patient:
    """Whose record it is; of one that was merged into another, the patient who remained. 404 where there is none."""
    key = get_object_or_404(RecordKey.objects.select_related("patient__merged_into"), reference=reference)
    return key.patient.merged_into or key.patient


@require_safe
@clinical()
def of_patient(request: HttpRequest, reference: str) -> HttpResponse:
    """Lead from a patient's contact data to their record, which is begun with the first look."""
    patient = get_object_or_404(Patient.objects.select_related("merged_into"), reference=reference)
    patient = patient.merged_into or patient
    require_own(request, patient)
    return redirect("records:record", key_of(patient).reference)


@require_http_methods(["GET", "HEAD", "POST"])
@clinical(to_change=Right.READ_RECORDS)
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """`?year=` for older visits. `words` are sent by form, so that no condition stands in an address."""
    patient = record_of(reference)
    opened = opened_for(request, patient, "record")
    year = request.GET.get("year", "")
    words = request.POST.get("words", "").strip()[:LONGEST_WORDS]
    context = {
        "section": "patients",
        "patient": patient,
        "record": opened,
        "reference": reference,
        "timeline": timeline(opened, year=int(year) if year.isdecimal() and len(year) == 4 else None, words=words),  # noqa: PLR2004 -- digits of a year
        "year": year,
        "words": words,
        "may_write": may(request.user, Right.WRITE_RECORDS),
        "notice": take_notice(request),
        "here": reverse("records:record", args=[reference]),
    }
    return render_page(request, "records/sheet/record.html", context)
