"""What the link "This wasn't me" opens: about a record that was joined to an account, or a change to an account.

The secret in the address is all the authority there is, as in `preferences`: no login, no cookie, no CSRF token.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from bookings.online import disputes, joining
from clinic.accounts.models import AccountNotice
from clinic.core import clock
from clinic.patients.models import JoinNotice


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows one button; POST acts. Programs that look whether links work change nothing."""
    if joined := joining.notice_for(token):
        return _joined(request, joined)
    if changed := disputes.account_notice_for(token, clock.now()):
        return _changed(request, changed)
    return render(request, "bookings/online/preferences_broken.html", status=404)


def _joined(request: HttpRequest, notice: JoinNotice) -> HttpResponse:
    if request.method == "POST":
        joining.dispute(notice, clock.now())
        notice.refresh_from_db()
    context = {"is_disputed": notice.disputed_at is not None, "has_ended": notice.access.revoked_at is not None}
    return render(request, "bookings/online/not_me.html", context)


def _changed(request: HttpRequest, notice: AccountNotice) -> HttpResponse:
    if request.method == "POST":
        disputes.dispute(notice, clock.now())
        notice.refresh_from_db()
    return render(request, "bookings/online/not_me_account.html", {"notice": notice})
