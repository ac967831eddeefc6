"""The visit sheet: what has to be there before a visit starts, what was signed of it, and the note that is being written."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from bookings.visits.models import Appointment, PatientNote
from clinic.accounts.permissions import user_of
from clinic.accounts.rights import Right, may
from clinic.core import clock
from clinic.core.web.flash import take_notice
from clinic.core.web.htmx import render_page
from clinic.records.entries.models import Draft, Kind
from clinic.records.entries.saving import Stale
from clinic.records.reading.opening import OpenRecord
from clinic.records.reading.views_guard import clinical, opened_for, patient_of, visit_with_record
from clinic.records.sheet import timeline
from clinic.records.sheet.forms import NoteForm
from clinic.records.sheet.steps import next_of, steps_of

SECTION = "text"


@require_safe
@clinical()
def sheet(request: HttpRequest, reference: str) -> HttpResponse:
    """One visit as whoever treats sees it."""
    return sheet_page(request, visit_with_record(reference))


def sheet_page(
    request: HttpRequest,
    visit: Appointment,
    *,
    opened: OpenRecord | None = None,
    form: NoteForm | None = None,
    stale: Stale | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The sheet, with a form as it was sent, and what stands in its place if somebody saved another text meanwhile."""
    patient = patient_of(visit)
    opened = opened or opened_for(request, patient, "visit sheet", visit=visit)
    draft = stale.theirs if stale else note_draft(visit)
    if stale and form and draft:  # what was sent goes over theirs only once both were seen
        form.data = {"text": form.data.get("text", ""), "version": draft.version}
    context: dict[str, Any] = {
        "section": "diary",
        "visit": visit,
        "patient": patient,
        "record": opened,
        "entries": timeline.of_visit(opened, visit),
        "diary_notes": PatientNote.objects.of(patient).filter(visit=visit, corrected_by=None),
        "note_form": form or NoteForm(initial={"text": text_of(opened, draft), "version": version_of(draft)}),
        "draft": draft,
        "theirs": text_of(opened, draft) if stale else "",
        "past": [(past, opened.values(past).get(SECTION, "")) for past in draft.past.all()] if draft else [],
        "steps": steps_of(visit, clock.now()),
        "next_steps": next_of(visit, user_of(request), clock.now()),
        "may_write": may(request.user, Right.WRITE_RECORDS),
        "refusal": refusal or (str(stale) if stale else ""),
        "notice": take_notice(request),
        "here": reverse("records:sheet", args=[visit.reference]),
    }
    return render_page(request, "records/sheet/sheet.html", context, status=status)


def note_draft(visit: Appointment) -> Draft | None:
    return Draft.objects.filter(visit=visit, kind=Kind.NOTE, section=SECTION).first()


def text_of(opened: OpenRecord, draft: Draft | None) -> str:
    return str(opened.values(draft).get(SECTION, "")) if draft else ""


def version_of(draft: Draft | None) -> int:
    return draft.version if draft else 0
