from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from bookings.desk.patients.forms import NoteForm
from bookings.desk.patients.record import record
from bookings.messages.planning.invitations import token_of
from bookings.messages.planning.reach import cannot_be_sent
from bookings.visits.access import known_to, todays_visits
from bookings.visits.models import PatientNote
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.accounts.signing_in.proofs import is_by_pin, require_more_than_pin
from clinic.core import clock
from clinic.core.sealing.fields import readable
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page
from clinic.core.web.next_page import next_page
from clinic.patients.models import Patient


def patient_of(request: HttpRequest, reference: str) -> Patient:
    """404 where the record is not theirs to read; a merged record is its heir's.

    Raises:
        ReauthenticationRequired: a shared tablet was opened by PIN, and no such patient comes today.
    """
    if is_by_pin(request) and not _comes_today(request, reference):
        require_more_than_pin(request)
    found = get_object_or_404(Patient.objects.select_related("merged_into"), reference=reference)
    get_object_or_404(known_to(request.user, Patient.objects.all()), pk=found.merged_into_id or found.pk)
    return found


def _comes_today(request: HttpRequest, reference: str) -> bool:
    return todays_visits(request.user, clock.now()).filter(patient__reference=reference).exists()


@require_safe
@needs(Right.SEE_PATIENTS)
def patient(request: HttpRequest, reference: str) -> HttpResponse:
    """One patient; `?show=all` also what is long past."""
    return record_page(request, patient_of(request, reference))


def led_on(request: HttpRequest, to: Patient) -> HttpResponse:
    """The record that remained, with a word on why it is shown."""
    leave_notice(request, "The record you opened was merged into this one.")
    return redirect("bookings:patient", to.reference)


def correction_form(note: PatientNote) -> NoteForm | None:
    """The form of a note that takes this one's place; none where one has done so, or it cannot be read."""
    if hasattr(note, "corrected_by") or not (text := readable(note, "text")):
        return None
    return NoteForm(initial={"text": text, "corrects": note.pk}, auto_id=f"note-{note.pk}-%s")


def _place(request: HttpRequest, own: str) -> str:
    """The page of the diary that the record at `own` was opened from, also when its own form was just sent."""
    under = reverse("bookings:diary")
    place = next_page(request, under=under)
    if not place.startswith(own):
        return place
    return next_page(request, under=under, named=parse_qs(urlsplit(place).query).get("next", [""])[0])


def record_page(
    request: HttpRequest,
    whose: Patient,
    *,
    form: NoteForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The record, with a note's form as it was sent, or with a refusal."""
    if whose.merged_into:
        return led_on(request, whose.merged_into)
    now, own = clock.now(), reverse("bookings:patient", args=[whose.reference])
    place = _place(request, own)
    back = f"next={quote(place, safe='')}" if place else ""
    context = {
        "section": "patients",
        "place_url": place or reverse("bookings:patients"),
        "place_name": "Back" if urlsplit(place).path not in {"", reverse("bookings:patients")} else "Patients",
        "here": f"{own}?{back}" if back else own,
        "and_place": f"&{back}" if back else "",
        "patient": whose,
        "record": (shown := record(whose, now, reader=request.user, shows_all=request.GET.get("show") == "all")),
        "notes": [(note, correction_form(note)) for note in shown.notes.rows],
        "merges": [(one, one.can_be_undone(now)) for one in shown.merges],
        "cannot_send": cannot_be_sent(whose),
        "preferences_token": token_of(whose),
        "form": form or NoteForm(),
        "refusal": refusal,
        "notice": take_notice(request),
    }
    return render_page(request, "bookings/desk/patients/record.html", context, status=status)
