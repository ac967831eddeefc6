"""What someone wants from us by mail: the way out of marketing that each such e-mail carries, and the choices behind it.

The signed token in the address is all the authority there is: no login, no cookie, and no CSRF token, which neither a mail
program that unsubscribes for its reader (RFC 8058) nor a page that tells nobody its address (Origin: null) could send.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from bookings.messages.planning import invitations
from bookings.online.forms.preferences import PreferencesForm
from clinic.core import clock
from clinic.patients.models import Patient

page = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt
@page
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows one button; POST stops invitations, from that button or from a mail program in one click (RFC 8058)."""
    patient = invitations.patient_of(token)
    if patient is None:
        return _broken(request)
    if request.method == "POST":
        invitations.opt_out(patient)
        patient.marketing_opted_in_at = None
    context = {"token": token, "is_stopped": patient.marketing_opted_in_at is None}
    return render(request, "bookings/online/unsubscribe.html", context)


@csrf_exempt
@page
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """How reminders come, how e-mails look, and whether invitations come. Staff open it too, for someone on the telephone."""
    patient = invitations.patient_of(token)
    if patient is None:
        return _broken(request)
    known = {
        "contact_by": patient.contact_by,
        "letter_format": patient.letter_format,
        "invitations": patient.marketing_opted_in_at is not None,
    }
    form = PreferencesForm(request.POST if request.method == "POST" else None, patient=patient, initial=known)
    if form.is_valid():
        _save(patient, form)
        return redirect(f"{request.path}?saved=1")
    return render(request, "bookings/online/preferences.html", {"form": form, "is_saved": "saved" in request.GET})


def _save(patient: Patient, form: PreferencesForm) -> None:
    """Write what was changed on the page that was sent, and nothing that changed elsewhere since it was opened."""
    answers = {name: form.cleaned_data[name] for name in form.changed_data}
    kept = {name: answers[name] for name in ("contact_by", "letter_format") if answers.get(name)}
    if kept:
        for name, value in kept.items():
            setattr(patient, name, value)
        patient.save(update_fields=list(kept))
    says_what_it_showed = form["invitations"].html_initial_name in form.data
    if answers.get("invitations"):
        invitations.opt_in(patient, clock.now())
    elif patient.marketing_opted_in_at and ("invitations" in answers or not says_what_it_showed):
        invitations.opt_out(patient)


def _broken(request: HttpRequest) -> HttpResponse:
    return render(request, "bookings/online/preferences_broken.html", status=404)
