"""Who opened a record, when and why."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import user_of
from clinic.accounts.rights import Right, may
from clinic.core import clock
from clinic.core.web.htmx import render_page
from clinic.records.reading.models import AccessLog
from clinic.records.reading.views_guard import clinical, require_own
from clinic.records.reading.whose import records_of
from clinic.records.sheet.views_record import record_of

LINES = 200


@require_safe
@clinical()
def access(request: HttpRequest, reference: str) -> HttpResponse:
    """Who opened this record: the owner sees all, whoever treats their own lines. It says nothing of what is in it."""
    patient, reader = record_of(reference), user_of(request)
    lines = AccessLog.objects.filter(patient__in=records_of(patient).values("pk")).select_related("user")
    if not may(reader, Right.SEE_RECORD_ACCESS):
        require_own(request, patient)
        lines = lines.filter(user=reader)
    context = {"section": "patients", "patient": patient, "reference": reference, "lines": lines[:LINES]}
    return render_page(request, "records/sheet/access.html", context | {"most": LINES, "now": clock.now()})
