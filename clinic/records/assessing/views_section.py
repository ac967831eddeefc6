"""One section of a consultation: shown with its form, and saved whatever it says."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bookings.visits.models import Appointment
from clinic.accounts.permissions import user_of
from clinic.core import clock
from clinic.core.web.flash import leave_notice, take_notice
from clinic.records.assessing.models import Mode, Outcome
from clinic.records.assessing.reading_drafts import Written, earlier, written
from clinic.records.assessing.sections import Section, Values, after, posted
from clinic.records.assessing.signing import signed_words, treatments_by_number
from clinic.records.assessing.standing import assessment_entry_of
from clinic.records.entries.keys import sealer_of
from clinic.records.entries.models import Kind
from clinic.records.entries.saving import Place, Stale, save_section
from clinic.records.reading.views_guard import opened_for, require_own

PAGE = "assessment"


def section_page(request: HttpRequest, visit: Appointment, section: Section) -> HttpResponse:
    """Behind the guard of `views.assessment`."""
    if request.method == "POST":
        return _save(request, visit, section)
    if assessment_entry_of(visit.pk) is not None:
        return redirect("records:assessment", visit.reference)
    return _page(request, visit, section)


def _save(request: HttpRequest, visit: Appointment, section: Section) -> HttpResponse:
    """`version` is the one that the page showed; `over` that of the text that is to be replaced after all."""
    patient: Any = visit.patient
    require_own(request, patient)
    if (entry := assessment_entry_of(visit.pk)) is not None:
        return _signed_meanwhile(request, visit, signed_words(entry))
    values, now = posted(section, request.POST.dict()), clock.now()
    try:
        draft = save_section(
            place=Place(patient, Kind.ASSESSMENT, section.key, visit),
            values=values,
            version=_number(request.POST.get("over") or request.POST.get("version")),
            sealer=sealer_of(patient),
            writer=user_of(request),
            now=now,
        )
    except Stale:
        return _stale(request, visit, section, values)
    if getattr(request, "htmx", False):
        return render(request, "records/assessing/_saved.html", {"version": draft.version, "at": now})
    leave_notice(request, f"Saved {clock.local(now):%H:%M:%S}")
    following = after(section) if request.POST.get("then") == "next" else section
    here = reverse("records:assessment", args=[visit.reference])
    return redirect(f"{here}?section={following.key}" if following else here)


def _stale(request: HttpRequest, visit: Appointment, section: Section, mine: Values) -> HttpResponse:
    """Both texts, and a choice; where both say the same, nothing is to be chosen."""
    one, context = _shown(request, visit, section)
    if one.values == mine and getattr(request, "htmx", False):
        return render(request, "records/assessing/_saved.html", {"version": one.version, "at": clock.now()})
    shown = Written(section, mine, _number(request.POST.get("version")), one.problems, one.draft)
    context |= {"one": shown, "theirs": one, "is_stale": True}
    name = "records/assessing/_stale.html" if getattr(request, "htmx", False) else "records/assessing/section.html"
    return render(request, name, context, status=HTTPStatus.CONFLICT)


def _signed_meanwhile(request: HttpRequest, visit: Appointment, words: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        context = {"words": words, "visit": visit}
        return render(request, "records/assessing/_signed_meanwhile.html", context, status=HTTPStatus.CONFLICT)
    leave_notice(request, f"{words} What you typed since was not added: write it as an addition.")
    return redirect("records:assessment", visit.reference)


def _page(request: HttpRequest, visit: Appointment, section: Section) -> HttpResponse:
    one, context = _shown(request, visit, section)
    return render(request, "records/assessing/section.html", context | {"one": one, "notice": take_notice(request)})


def _shown(request: HttpRequest, visit: Appointment, section: Section) -> tuple[Written, dict[str, Any]]:
    patient: Any = visit.patient
    opened, treatments = opened_for(request, patient, PAGE, visit=visit), treatments_by_number()
    sections = written(opened, visit, treatments, clock.today())
    one = next(row for row in sections if row.section is section)
    return one, {
        "section": "diary",
        "visit": visit,
        "here": reverse("records:assessment", args=[visit.reference]),
        "sections": sections,
        "treatments": treatments,
        "outcomes": Outcome.choices,
        "modes": Mode.choices,
        "earlier": earlier(opened, one.draft),
    }


def _number(written_number: str | None) -> int:
    """A version as a page shows it; what is none is no version that stands."""
    text = written_number or "0"
    return int(text) if text.isdecimal() and len(text) < 10 else -1  # noqa: PLR2004 -- digits of the largest
