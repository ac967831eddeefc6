"""What the record says of the person who signed in, and the form that changes it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from bookings.online import own_details
from bookings.online.forms.own_details import OwnDetailsForm
from bookings.online.views.account import own_patients
from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import user_of
from clinic.accounts.proved_addresses import proved_addresses
from clinic.core import clock
from clinic.patients.corrections import ChangedMeanwhile, KnownAlready, digest
from clinic.patients.models import Patient


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def details(request: HttpRequest) -> HttpResponse:
    """Another address or number takes a fresh sign-in: reminders with links to the visits go there."""
    user, now, about = user_of(request), clock.now(), request.headers.get("User-Agent", "")
    own = own_patients(user, now).first()
    if own is None:
        return render(request, "bookings/online/my/details.html", {"own": None, "section": "my"})
    addresses = proved_addresses(user)
    if request.method != "POST":
        return _page(request, own, OwnDetailsForm.of(own, addresses))
    form = OwnDetailsForm(request.POST, patient=own, addresses=addresses)
    if not form.is_valid():
        return _page(request, own, form, status=422)
    if form.moves_letters:
        require_fresh_sign_in(request)
    try:
        changed = own_details.change(
            own, seen=form.cleaned_data["seen"], details=form.details, by=user, about=about, now=now
        )
    except ChangedMeanwhile:
        return _stale(request, own_patients(user, now).get(), form)
    except KnownAlready:
        form.add_error(None, "This cannot be saved here. Please call us, and we put it right.")
        return _page(request, own, form, status=409)
    messages.success(request, "Your details are saved." if changed else "Nothing was changed.")
    return redirect("bookings:my_details")


def _stale(request: HttpRequest, now_is: Patient, form: OwnDetailsForm) -> HttpResponse:
    """What was typed stays in the boxes; the record as it stands is beside them, and saving again writes what is typed."""
    form.add_error(None, "Your details were changed meanwhile, perhaps in another window. Look below, then save again.")
    form.data = {**request.POST.dict(), "seen": digest(now_is)}
    return _page(request, now_is, form, status=409, meanwhile=True)


def _page(
    request: HttpRequest, own: Patient, form: OwnDetailsForm, *, status: int = 200, meanwhile: bool = False
) -> HttpResponse:
    context = {"own": own, "form": form, "meanwhile": meanwhile, "section": "my"}
    return render(request, "bookings/online/my/details.html", context, status=status)
