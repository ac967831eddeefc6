"""A note, written on a patient's record or on the page of a visit: what is refused is asked again there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bookings.desk.patients.forms import NoteForm
from bookings.desk.patients.notes import add_note
from bookings.desk.patients.views.record import patient_of, record_page
from bookings.desk.views.address import next_of
from bookings.desk.views.diary import visit_page
from bookings.visits.access import visits_of
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_NOTES)
def note_patient(request: HttpRequest, reference: str) -> HttpResponse:
    """`text`, the form's `token`; `visit` if it is about one, and `corrects` where it takes another note's place.

    Opened again, as by a reload of a refusal, its address leads to the page that it was written on, `next`.
    """
    if request.method != "POST":
        return redirect(next_of(request) or reverse("bookings:patient", args=[reference]))
    whose = patient_of(request, reference)
    form = NoteForm(request.POST)
    is_valid, answers = form.is_valid(), form.cleaned_data
    patient = whose.merged_into or whose
    visits = visits_of(request.user).visits().with_details()
    visit = visits.filter(patient=patient, reference=answers.get("visit", "")).first()
    if not is_valid:
        if visit:
            return visit_page(request, visit, status=422, note=form)
        return record_page(request, whose, form=form, status=422)
    try:
        add_note(
            patient=patient,
            author=user_of(request),
            text=answers["text"],
            now=clock.now(),
            token=answers["token"],
            visit=visit,
            corrects=answers["corrects"],
        )
    except DomainError as refusal:
        return record_page(request, whose, form=form, refusal=str(refusal), status=409)
    leave_notice(request, "The note is kept.")
    if place := next_of(request):
        return redirect(place)
    return redirect("bookings:diary_visit", visit.reference) if visit else redirect("bookings:patient", reference)
