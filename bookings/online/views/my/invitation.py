"""What the link in an invitation opens, and its answer on the account of whoever was invited."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from bookings.online import joining
from bookings.online.forms.helper import MAY_WORDS
from bookings.online.views.visit.page import broken_link
from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import user_of
from clinic.accounts.proved_addresses import proved_addresses
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.patients.models import AccessInvitation, PatientAccess

SESSION_KEY = "access_invitation"


@require_safe
def invitation_link(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the secret in the address for a clean one. Changes nothing but this visitor's session."""
    invitation = AccessInvitation.objects.for_link(token).first()
    if invitation is None or not invitation.is_open(clock.now()):
        return broken_link(request)
    if request.method != "HEAD":
        request.session[SESSION_KEY] = {str(invitation.pk): bytes(invitation.link_digest).hex()}
    return redirect("bookings:my_invitation")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invitation(request: HttpRequest) -> HttpResponse:
    """Say whose visits they are to whoever has proved the address alone. POST accepts, after a fresh sign-in."""
    found = _opened(request)
    if found is None:
        return broken_link(request)
    user = user_of(request)
    if found.email.lower() not in proved_addresses(user):
        return render(
            request, "bookings/online/my/invitation.html", {"is_another": True, "user": user, "section": "my"}
        )
    if request.method != "POST":
        return _page(request, found)
    if found.kind == PatientAccess.Kind.CARER and not request.POST.get("is_adult"):
        return _page(request, found, "Tick the box if you are 18 or over. Nobody younger can do this.", 422)
    require_fresh_sign_in(request)
    try:
        joining.accept(found.pk, user=user, about=request.headers.get("User-Agent", ""), now=clock.now())
    except DomainError as refusal:
        return _page(request, found, str(refusal), 409)
    request.session.pop(SESSION_KEY, None)
    messages.success(request, f"You now see the visits of {found.patient.full_name} here.")
    return redirect("bookings:my")


def _opened(request: HttpRequest) -> AccessInvitation | None:
    """The invitation whose link this session opened, while it is open or just accepted."""
    kept = request.session.get(SESSION_KEY, {})
    row = AccessInvitation.objects.filter(pk__in=kept, revoked_at=None).select_related("patient").first()
    if row is None or kept[str(row.pk)] != bytes(row.link_digest).hex():
        return None
    return row if row.is_open(clock.now()) or row.accepted_at else None


def _page(request: HttpRequest, found: AccessInvitation, refusal: str = "", status: int = 200) -> HttpResponse:
    context = {
        "invitation": found,
        "may": [MAY_WORDS[may] for may in PatientAccess.May if may in found.may and may in MAY_WORDS],
        "refusal": refusal,
        "section": "my",
    }
    return render(request, "bookings/online/my/invitation.html", context, status=status)
