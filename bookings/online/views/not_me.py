"""What the link "This wasn't me" opens.

The secret in the address is all the authority there is, as in `preferences`: no login, no cookie, no CSRF token.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from bookings.online import joining
from clinic.core import clock


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows one button; POST ends the access. Programs that look whether links work change nothing."""
    notice = joining.notice_for(token)
    if notice is None:
        return render(request, "bookings/online/preferences_broken.html", status=404)
    if request.method == "POST":
        joining.dispute(notice, clock.now())
        notice.refresh_from_db()
    context = {"is_disputed": notice.disputed_at is not None, "has_ended": notice.access.revoked_at is not None}
    return render(request, "bookings/online/not_me.html", context)
