from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bookings.desk.patients import merging
from bookings.desk.patients.duplicates import candidates
from bookings.desk.patients.record import record
from bookings.desk.patients.search import found
from bookings.desk.patients.views.record import led_on, patient_of, record_page
from bookings.visits.access import known_to
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.accounts.signing_in.proofs import require_more_than_pin
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice
from clinic.core.web.htmx import render_page
from clinic.patients.models import Patient, PatientMerge
from clinic.patients.search import LONGEST

MOST_FOUND = 10


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CORRECT_PATIENTS)
def merge_patient(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose a record to merge with (`q` finds more), then `with` it side by side; POST `with` and `keep`."""
    require_more_than_pin(request)
    whose = patient_of(request, reference)
    if whose.merged_into:
        return led_on(request, whose.merged_into)
    if request.method == "POST":
        return _merge(request, whose)
    other = (
        known_to(request.user, Patient.objects.current())
        .filter(reference=_sent(request.GET.get("with")))
        .exclude(pk=whose.pk)
        .first()
    )
    if other:
        return _side_by_side(request, whose, other)
    text = _sent(request.GET.get("q"))
    context = {
        "section": "patients",
        "patient": whose,
        "candidates": candidates(whose, request.user),
        "text": text,
        "found": found(text, request.user).exclude(pk=whose.pk)[:MOST_FOUND] if text else [],
    }
    return render_page(request, "bookings/desk/patients/merge.html", context)


@require_POST
@needs(Right.CORRECT_PATIENTS)
def undo_merge(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    whose = patient_of(request, reference)
    merge = get_object_or_404(PatientMerge.objects.select_related("kept", "gone"), pk=pk, kept=whose)
    try:
        merging.undo(merge=merge, by=user_of(request), now=clock.now())
    except DomainError as refusal:
        return record_page(request, patient_of(request, reference), refusal=str(refusal), status=409)
    leave_notice(request, f"{merge.gone.full_name} has a record of their own again.")
    return redirect("bookings:patient", reference)


def _merge(request: HttpRequest, whose: Patient) -> HttpResponse:
    other = get_object_or_404(known_to(request.user, Patient.objects.all()), reference=_sent(request.POST.get("with")))
    kept, gone = (other, whose) if request.POST.get("keep") == other.reference else (whose, other)
    if request.POST.get("keep") not in {whose.reference, other.reference}:
        return _side_by_side(request, whose, other, "Choose which record stays.", 422)
    try:
        done = merging.merge(kept=kept, gone=gone, by=user_of(request), now=clock.now())
    except DomainError as refusal:
        return _side_by_side(request, patient_of(request, whose.reference), other, str(refusal), 409)
    leave_notice(
        request,
        "The two records are one.",
        action=reverse("bookings:patient_undo_merge", args=[kept.reference, done.pk]),
        fields={"undo": "yes"},
    )
    return redirect("bookings:patient", kept.reference)


def _side_by_side(
    request: HttpRequest, whose: Patient, other: Patient, refusal: str = "", status: int = 200
) -> HttpResponse:
    now = clock.now()
    reasons = next((one.reasons for one in candidates(whose, request.user) if one.patient == other), [])
    context = {
        "section": "patients",
        "patient": whose,
        "other": other,
        "sides": [(one, record(one, now, reader=request.user)) for one in (whose, other)],
        "reasons": reasons,
        "overlapping": merging.overlapping(whose, other),
        "refusal": refusal,
    }
    return render_page(request, "bookings/desk/patients/merge_with.html", context, status=status)


def _sent(value: str | None) -> str:
    return (value or "").replace("\x00", "").strip()[:LONGEST]
