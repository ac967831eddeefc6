"""Who helps a patient with their visits, and whom somebody helps."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from bookings.online.forms.helper import HelperForm
from bookings.online.views.account import own_patients
from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import user_of
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.patients.helping import invitations
from clinic.patients.models import AccessInvitation, AccessOpened, Patient, PatientAccess

MOST_SHOWN = 30  # of what each opened; the desk can tell the rest
LOOKED_BACK = timedelta(days=90)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def people(request: HttpRequest) -> HttpResponse:
    """POST invites somebody; it takes a fresh sign-in, as it lets people in."""
    user, now = user_of(request), clock.now()
    own, today = own_patients(user, now).first(), clock.today(now)
    if request.method != "POST" or own is None:
        return _page(request, own, HelperForm(today=today))
    form = HelperForm(request.POST, today=today)
    if not form.is_valid():
        return _page(request, own, form, status=422)
    require_fresh_sign_in(request)
    try:
        invitations.invite(own, form.asked, by=user, is_staff=False, now=now)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, own, form, status=409)
    messages.success(request, f"We have sent a link to {form.asked.email}. It is good for seven days.")
    return redirect("bookings:my_people")


@require_POST
@login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End the access of someone who helps: by its patient, or by who helps."""
    user, now = user_of(request), clock.now()
    ours = Q(patient__in=own_patients(user, now)) | Q(user=user)
    rows = PatientAccess.objects.filter(ours, kind=PatientAccess.Kind.CARER).select_related("patient", "user")
    access = get_object_or_404(rows, pk=pk)
    invitations.end(access, by=user, now=now)
    whose = access.patient.full_name if access.user_id == user.pk else access.user.email
    messages.success(request, f"Ended: {whose}. It holds from this moment.")
    return redirect("bookings:my_people")


@require_POST
@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    user, now = user_of(request), clock.now()
    rows = AccessInvitation.objects.filter(patient__in=own_patients(user, now), kind=PatientAccess.Kind.CARER)
    invitation = get_object_or_404(rows, pk=pk)
    if invitations.withdraw(invitation, now):
        messages.success(request, "The invitation is withdrawn. Its link opens nothing any more.")
    return redirect("bookings:my_people")


def _page(request: HttpRequest, own: Patient | None, form: HelperForm, *, status: int = 200) -> HttpResponse:
    user, now = user_of(request), clock.now()
    carers = PatientAccess.objects.filter(kind=PatientAccess.Kind.CARER).live(now).select_related("patient", "user")
    opened = AccessOpened.objects.filter(opened_at__gt=now - LOOKED_BACK)
    helpers = carers.filter(patient=own).prefetch_related(Prefetch("opened", opened, to_attr="lately")) if own else []
    context = {
        "own": own,
        "form": form,
        "helpers": [(access, getattr(access, "lately", [])[:MOST_SHOWN]) for access in helpers],
        "invited": AccessInvitation.objects.pending().filter(patient=own, expires_at__gt=now) if own else [],
        "helped": list(carers.filter(user=user)),
        "section": "my",
    }
    return render(request, "bookings/online/my/people.html", context, status=status)
