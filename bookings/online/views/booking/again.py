"""Book once more what somebody had, with what their own record says: `?for=me`."""

from __future__ import annotations

from django.http import HttpRequest

from bookings.online.views.account import own_patients
from bookings.online.views.booking.flow import Draft
from clinic.accounts.permissions import account_of
from clinic.core import clock
from clinic.patients.models import Patient

FOR, ME = "for", "me"


def is_for_me(request: HttpRequest) -> bool:
    return request.GET.get(FOR) == ME


def fill_in(request: HttpRequest, draft: Draft) -> None:
    """Fill in a draft of which nothing is known yet, so that the page of details need not be asked."""
    account = account_of(request)
    if account is None or not is_for_me(request) or draft.is_personal or draft.booked:
        return
    own = own_patients(account, clock.now()).first()
    if own and _is_whole(own):
        draft.date_of_birth = own.date_of_birth
        draft.details = {
            "full_name": own.full_name,
            "email": own.email,
            "phone": str(own.phone),
            "contact_by": own.contact_by,
            "note": "",
            "marketing_opt_in": False,
        }


def _is_whole(patient: Patient) -> bool:
    return bool(patient.email and patient.phone and patient.date_of_birth)
