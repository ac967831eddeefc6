from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core.web.flash import take_notice
from clinic.core.web.htmx import render_page
from clinic.records.versions import listing


@require_safe
@needs(Right.WRITE_TEXTS)
def index(request: HttpRequest) -> HttpResponse:
    """All texts that a practitioner approves, each with its state."""
    context = {
        "section": "forms",
        "parts": [(part, part.rows()) for part in listing.parts()],
        "notice": take_notice(request),
    }
    return render_page(request, "records/versions/index.html", context)
