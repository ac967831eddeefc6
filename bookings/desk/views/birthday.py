"""The birthday of a patient who was booked without one, typed in on the page of the visit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from bookings.desk.forms.age import BirthdayForm
from bookings.desk.patients.birthday import note_birthday
from bookings.desk.patients.views.correct import if_known
from bookings.desk.views.diary import visit_page
from bookings.desk.views.landing import back_to
from bookings.desk.views.versions import visit_of
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice
from clinic.core.web.posted import posted_to
from clinic.patients.corrections import KnownAlready


@posted_to("bookings:diary_visit")
@needs(Right.CORRECT_PATIENTS)
def birthday(request: HttpRequest, reference: str) -> HttpResponse:
    """`date_of_birth_day`, `_month` and `_year`."""
    visit = visit_of(request, reference)
    form = BirthdayForm(request.POST)
    if visit.patient is None or not form.is_valid():
        return visit_page(request, visit, status=422, birthday=form)
    try:
        note_birthday(visit=visit, born=form.cleaned_data["date_of_birth"], now=clock.now())
    except KnownAlready as refusal:
        return visit_page(request, visit, str(refusal), 409, birthday=form, same=if_known(request, refusal.other))
    except DomainError as refusal:
        return visit_page(request, visit_of(request, reference), str(refusal), 409, birthday=form)
    leave_notice(request, "The date of birth is kept.")
    return back_to(request, reference)
