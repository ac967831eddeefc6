"""Whom to tell of a hole in this site. Source: RFC 9116."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from clinic.core import clock
from clinic.core.models import ClinicSettings

GOOD_FOR = timedelta(days=180)  # the RFC asks for less than a year


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Nothing is there until the clinic has an address to write to."""
    email = ClinicSettings.load().email
    if not email:
        raise Http404
    lines = (
        f"Contact: mailto:{email}",
        f"Expires: {clock.now() + GOOD_FOR:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL.rstrip('/')}/.well-known/security.txt",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
