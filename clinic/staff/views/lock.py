"""Lock the session by the button, when its user walks away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinic.accounts.permissions import ask_to_sign_in
from clinic.core.web.next_page import next_page
from clinic.staff.idle_lock import lock


@require_POST
def lock_now(request: HttpRequest) -> HttpResponse:
    """Lock the session; `next` is the page to go on with."""
    if not request.user.is_authenticated:
        return ask_to_sign_in(request)
    lock(request.session)
    return redirect(next_page(request, under="/") or "accounts:after_login")
