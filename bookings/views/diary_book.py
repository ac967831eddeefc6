"""A visit booked by staff: someone at the desk or on the telephone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from bookings.domain import booking, desk
from bookings.domain.availability import Slot
from bookings.domain.patients import PatientDetails, details_of
from bookings.domain.reach import gaps
from bookings.forms.dates import PARTS
from bookings.forms.staff import MOST_FOUND, NEW, DeskForm, NewPatientForm, read_day, slot_value
from bookings.models import Appointment
from bookings.views.diary_notice import leave_notice
from clinic.accounts.permissions import diary_staff_required
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.htmx import render_page
from clinic.patients.models import Patient
from clinic.patients.search import matching
from clinic.practitioners.models import Practitioner

PATIENT_FIELDS = ("full_name", "email", "phone", "contact_by")


@require_http_methods(["GET", "POST"])
@diary_staff_required
def book(request: HttpRequest) -> HttpResponse:
    """One page; `do` says which of its buttons was pressed: `times`, `find` or `book`."""
    if request.method == "GET" or request.POST.get("do") != "book":
        typed = (request.POST if request.method == "POST" else request.GET).dict()
        start = {"day": clock.today().isoformat(), "patient": NEW, **typed}
        return _page(request, DeskForm(initial=start), NewPatientForm(initial=_patient_start(start)), start)
    typed = request.POST.dict()
    form = DeskForm(request.POST)
    is_valid = form.is_valid()
    is_new = form.cleaned_data.get("patient") is None and "patient" not in form.errors
    person = NewPatientForm(request.POST) if is_new else NewPatientForm(initial=_patient_start(typed))
    if not is_valid or (is_new and not person.is_valid()):
        return _page(request, form, person, typed, status=422)
    return _book(request, form, person, typed)


def _book(request: HttpRequest, form: DeskForm, person: NewPatientForm, typed: dict[str, str]) -> HttpResponse:
    answers = form.cleaned_data
    try:
        appointment = booking.book(
            treatment=answers["treatment"],
            practitioner=answers["practitioner"],
            starts_at=answers["starts_at"],
            details=_details(answers["patient"], person, answers["note"]),
            now=clock.now(),
            source=Appointment.Source.DESK,
            by_staff=True,
            follows=answers["follows"],
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, person, typed, status=409, nearest=getattr(refusal, "alternatives", []))
    cannot = gaps(appointment.patient) if appointment.patient else ""
    leave_notice(request, f"Booked. {cannot or 'The confirmation is on its way.'}")
    return redirect("bookings:diary_visit", appointment.reference)


def _details(patient: Patient | None, person: NewPatientForm, note: str) -> PatientDetails:
    if patient is None:
        return PatientDetails(**person.cleaned_data, note=note)
    return details_of(patient, note)


def _page(
    request: HttpRequest,
    form: DeskForm,
    person: NewPatientForm,
    typed: dict[str, str],
    *,
    status: int = 200,
    nearest: list[Slot] | None = None,
) -> HttpResponse:
    search = typed.get("search", "").strip()[:150].replace("\x00", "")
    context = {
        "section": "diary",
        "form": form,
        "person": person,
        "slot": typed.get("slot", ""),
        "patient": typed.get("patient", NEW),
        "times": _times(typed),
        "nearest": [(slot_value(slot), slot) for slot in nearest or []],
        "found": _found(search, typed.get("patient", "")),
        "search": search,
    }
    return render_page(request, "bookings/diary_book.html", context, status=status)


def _times(typed: dict[str, str]) -> list[tuple[str, Slot]] | None:
    """Free times for what is chosen so far; None while treatment or day is open."""
    treatment = Treatment.objects.filter(live=True, slug=_slug(typed, "treatment")).first()
    day = read_day(typed.get("day"))
    if treatment is None or day is None:
        return None
    practitioner = Practitioner.objects.filter(slug=_slug(typed, "practitioner")).first()
    slots = desk.times_on(treatment=treatment, day=day, now=clock.now(), practitioner=practitioner)
    return [(slot_value(slot), slot) for slot in slots]


def _found(search: str, chosen: str) -> list[Patient]:
    found = list(matching(search)[:MOST_FOUND]) if search else []
    is_number = chosen.isdecimal() and len(chosen) < MOST_FOUND
    if is_number and int(chosen) not in {patient.pk for patient in found}:
        found = [*Patient.objects.filter(pk=chosen), *found][:MOST_FOUND]
    return found


def _patient_start(typed: dict[str, str]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: typed[name] for name in PATIENT_FIELDS if name in typed}
    kept["date_of_birth"] = [typed.get(f"date_of_birth_{part}", "") for part in PARTS]
    return kept


def _slug(typed: dict[str, str], name: str) -> str:
    return typed.get(name, "").replace("\x00", "")
