from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from bookings.desk.patients.forms import DetailsForm
from bookings.desk.patients.views.record import led_on, patient_of
from bookings.visits.access import known_to
from bookings.visits.links import correct_details
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.web.flash import leave_notice
from clinic.core.web.htmx import render_page
from clinic.patients.corrections import ChangedMeanwhile, KnownAlready, digest
from clinic.patients.history import corrections
from clinic.patients.models import Patient


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CORRECT_PATIENTS)
def correct_patient(request: HttpRequest, reference: str) -> HttpResponse:
    """Put right what the record says; asked again, with the record as it stands, if someone else did so meanwhile."""
    whose = patient_of(request, reference)
    if whose.merged_into:
        return led_on(request, whose.merged_into)
    if request.method != "POST":
        return _page(request, whose, DetailsForm.of(whose))
    form = DetailsForm(request.POST, is_birthday_known=whose.date_of_birth is not None)
    if not form.is_valid():
        return _page(request, whose, form, status=422)
    try:
        correct_details(patient=whose, seen=form.cleaned_data["seen"], details=form.details, now=clock.now())
    except KnownAlready as refusal:
        form.add_error(None, str(refusal))
        return _page(request, whose, form, status=409, other=if_known(request, refusal.other))
    except ChangedMeanwhile as refusal:
        return _stale(request, patient_of(request, reference), form, str(refusal))
    leave_notice(request, "The record is corrected.")
    return redirect("bookings:patient", reference)


def if_known(request: HttpRequest, other: Patient | None) -> Patient | None:
    """The other record of the same person, unless it is not theirs to open."""
    return known_to(request.user, Patient.objects.filter(pk=other.pk)).first() if other else None


def _stale(request: HttpRequest, now_is: Patient, form: DetailsForm, why: str) -> HttpResponse:
    """What was typed stays in the boxes; what was changed meanwhile is told, and saving again writes what is typed."""
    form.add_error(None, why)
    form.data = {**request.POST.dict(), "seen": digest(now_is)}
    return _page(request, now_is, form, status=409, meanwhile=True)


def _page(
    request: HttpRequest,
    whose: Patient,
    form: DetailsForm,
    *,
    status: int = 200,
    other: Patient | None = None,
    meanwhile: bool = False,
) -> HttpResponse:
    context = {
        "section": "patients",
        "patient": whose,
        "form": form,
        "other": other,
        "last": corrections(whose)[:1] if meanwhile else [],
    }
    return render_page(request, "bookings/desk/patients/correct.html", context, status=status)
