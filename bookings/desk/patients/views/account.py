"""End the access of an account to a record, give it back, and mark a dispute as dealt with."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bookings.desk.patients import accounts
from bookings.desk.patients.forms import GiveAccessForm
from bookings.desk.patients.views.record import led_on, patient_of, record_page
from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice
from clinic.core.web.htmx import render_page
from clinic.patients.helping.invitations import end as end_help
from clinic.patients.helping.invitations import invite, withdraw
from clinic.patients.joining import part
from clinic.patients.models import AccessInvitation, Patient, PatientAccess


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CORRECT_PATIENTS)
def end_access(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """GET asks, POST ends it. Ended already: the record says so."""
    access = _access(request, reference, pk)
    if request.method != "POST":
        context = {"section": "patients", "patient": access.patient, "access": access}
        return render_page(request, "bookings/desk/patients/account/end.html", context)
    if access.kind == PatientAccess.Kind.CARER:
        if end_help(access, by=user_of(request), now=clock.now()):
            leave_notice(request, f"{access.user.email} no longer opens this record. Both are told.")
    elif part(access, by=user_of(request), now=clock.now()):
        leave_notice(
            request,
            f"{access.user.email} no longer opens this record.",
            action=reverse("bookings:patient_access_back", args=[reference, pk]),
            fields={"undo": "yes"},
        )
    return redirect("bookings:patient", reference)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CORRECT_PATIENTS)
def give_access(request: HttpRequest, reference: str) -> HttpResponse:
    """Send a link that opens the record to an account of the patient, or of someone who helps them."""
    whose = patient_of(request, reference)
    if whose.merged_into:
        return led_on(request, whose.merged_into)
    if request.method != "POST":
        return _give_page(request, whose, GiveAccessForm())
    form = GiveAccessForm(request.POST)
    if not form.is_valid():
        return _give_page(request, whose, form, status=422)
    require_fresh_sign_in(request)
    try:
        invite(whose, form.asked, by=user_of(request), is_staff=True, now=clock.now())
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _give_page(request, whose, form, status=409)
    leave_notice(request, f"A link is on its way to {form.asked.email}. It is good for seven days.")
    return redirect("bookings:patient", reference)


def _give_page(request: HttpRequest, whose: Patient, form: GiveAccessForm, *, status: int = 200) -> HttpResponse:
    context = {"section": "patients", "patient": whose, "form": form}
    return render_page(request, "bookings/desk/patients/account/give.html", context, status=status)


@require_POST
@needs(Right.CORRECT_PATIENTS)
def give_back(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    access = _access(request, reference, pk)
    try:
        accounts.give_back(access, clock.now())
    except DomainError as refusal:
        return record_page(request, access.patient, refusal=str(refusal), status=409)
    leave_notice(request, f"{access.user.email} opens this record again.")
    return redirect("bookings:patient", reference)


@require_POST
@needs(Right.CORRECT_PATIENTS)
def settle(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    access = _access(request, reference, pk)
    accounts.settle(access, by=user_of(request), now=clock.now())
    leave_notice(request, "Dealt with.")
    return redirect("bookings:patient", reference)


@require_POST
@needs(Right.CORRECT_PATIENTS)
def withdraw_invitation(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Let the link of an invitation open nothing any more, whoever sent it. Answered meanwhile: the record shows it."""
    whose = patient_of(request, reference)
    invitation = get_object_or_404(AccessInvitation, pk=pk, patient=whose)
    if withdraw(invitation, clock.now()):
        leave_notice(request, f"The invitation of {invitation.email} is withdrawn. Its link opens nothing any more.")
    elif invitation.access_id:
        leave_notice(request, f"{invitation.email} has accepted it meanwhile. You can end that access.")
    return redirect("bookings:patient", reference)


def _access(request: HttpRequest, reference: str, pk: int) -> PatientAccess:
    """404 where the record is not theirs to read, or the access is to another."""
    whose = patient_of(request, reference)
    return get_object_or_404(PatientAccess.objects.select_related("patient", "user"), pk=pk, patient=whose)
