"""The page on which somebody who has signed in joins their own record to their account."""

from __future__ import annotations

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from bookings.online import joining
from bookings.online.forms.find_record import FindRecordForm
from bookings.online.views.access import visit_for
from bookings.online.views.account import own_patients
from clinic.accounts.models import User
from clinic.accounts.permissions import user_of
from clinic.accounts.proved_addresses import proved_addresses
from clinic.core import clock
from clinic.core.web.client_address import client_address
from clinic.core.web.time_floor import takes_at_least
from clinic.patients.claims import Claim, TooManyTries
from clinic.patients.references import REFERENCE

NOT_FOUND = "We could not find it. Ask the desk, or use the link in your confirmation."
SECONDS = 0.3  # as long as an answer takes, whatever was found


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def find_record(request: HttpRequest) -> HttpResponse:
    """`?visit=` names a visit of the record, if they have its page open."""
    user = user_of(request)
    addresses = sorted(proved_addresses(user))
    is_joined = own_patients(user, clock.now()).exists()
    if request.method != "POST" or is_joined or not addresses:
        return _page(request, FindRecordForm(), addresses, is_joined=is_joined)
    form = FindRecordForm(request.POST)
    if not form.is_valid():
        return _page(request, form, addresses)
    with takes_at_least(SECONDS):
        status = _claim(request, user, form)
    if status is None:
        messages.success(request, "Your visits are now in your account.")
        return redirect("bookings:my")
    return _page(request, form, addresses, status=status)


def _claim(request: HttpRequest, user: User, form: FindRecordForm) -> int | None:
    """Try it; the status of the answer if nothing was joined, with the reason on the form."""
    named = request.GET.get("visit", "")
    visit = visit_for(request, named) if re.fullmatch(REFERENCE, named) else None
    said = Claim(
        full_name=form.cleaned_data["full_name"],
        date_of_birth=form.cleaned_data["date_of_birth"],
        record=visit.patient_id if visit else None,
    )
    try:
        if joining.claim(said, user=user, address=client_address(request), now=clock.now()):
            return None
    except TooManyTries as refusal:
        form.add_error(None, str(refusal))
        return 429
    form.add_error(None, NOT_FOUND)
    return 200


def _page(
    request: HttpRequest, form: FindRecordForm, addresses: list[str], *, is_joined: bool = False, status: int = 200
) -> HttpResponse:
    context = {"form": form, "addresses": addresses, "is_joined": is_joined, "section": "my"}
    return render(request, "bookings/online/find_record.html", context, status=status)
