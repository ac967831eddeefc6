"""One line that books: `rowan peel fri 10` is shown as it was understood, and Enter books it."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import urldefrag, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from bookings.desk.forms.age import AgeForm
from bookings.desk.forms.booking import NEW, NO_DIARY, OWN_ONLY, times_for
from bookings.desk.forms.staff import slot_value
from bookings.desk.line.readings import Meaning, Reading, meaning_of
from bookings.desk.line.words import LONGEST, Line, read_line
from bookings.desk.patients.newcomer import Newcomer, is_no_number, who_has_the_number
from bookings.desk.patients.search import found
from bookings.desk.views.address import next_of
from bookings.desk.views.landing import asking
from bookings.visits.access import Reader, known_to, visits_of
from bookings.visits.models.age_said import AgeQuestion, age_question
from bookings.visits.slot import Slot
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.formats import desk_clock, long_day, written_date
from clinic.core.web.htmx import render_page
from clinic.patients.models import Patient
from clinic.patients.references import REFERENCE


@require_safe
@needs(Right.CHANGE_OWN_DIARY)
def line(request: HttpRequest) -> HttpResponse:
    """`?q=`: a reference opens what it names, a person alone is searched for, all else is read as a booking."""
    text = request.GET.get("q", "").replace("\x00", "")[:LONGEST].strip()
    now, place = clock.now(), _asked_on(request)
    if named := _named(text, request.user):
        return _go_to(request, named + asking(place))
    read = read_line(text, clock.today(now))
    meaning = meaning_of(read, now, request.user)
    if text and _is_search(text, read, meaning):
        return _go_to(request, _search(text, request.user, place))
    context: dict[str, Any] = {
        "section": "diary",
        "q": text,
        "line": read,
        "meaning": meaning,
        "understood": _understood(read, meaning),
        "readings": [_shown(reading, meaning.newcomer, number) for number, reading in enumerate(meaning.readings, 1)],
        "known": who_has_the_number(meaning.newcomer, request.user) if meaning.newcomer else [],
        "by_hand": _by_hand(read, meaning, place),
        "close_url": place or reverse("bookings:diary"),
        "next": place,
    }
    return render_page(request, "bookings/desk/line/line.html", context, fragment="result")


def _is_search(text: str, read: Line, meaning: Meaning) -> bool:
    """Whether it names a person alone, or is a telephone number or a birthday."""
    is_number = not any(letter.isalpha() for letter in text)
    if read.impossible:
        return is_number and len(text.split()) > 1
    return is_number or not (read.day or read.at or read.unclear or meaning.treatments or meaning.practitioner)


def _asked_on(request: HttpRequest) -> str:
    """The page of the diary that it was asked on, without the answer, where that is known."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    shown = next_of(request) or next_of(request, (htmx.current_url_abs_path or "") if htmx else "")
    return "" if urlsplit(shown).path == reverse("bookings:line") else urldefrag(shown).url


def _go_to(request: HttpRequest, address: str) -> HttpResponse:
    """Open another page, also where htmx asked for a part of this one."""
    return HttpResponseClientRedirect(address) if getattr(request, "htmx", None) else redirect(address)


def _search(text: str, reader: Reader, place: str) -> str:
    """The one patient that the text fits, whose record leads back to `place`, or the list of all that it does."""
    fitting = list(found(text, reader)[:2])
    if len(fitting) == 1:
        return reverse("bookings:patient", args=[fitting[0].reference]) + asking(place)
    return f"{reverse('bookings:patients')}?{urlencode({'q': text})}"


def _named(text: str, reader: Reader) -> str:
    """The page of the visit or the patient of this reference; nothing if it is none."""
    written = text.upper()
    if not re.fullmatch(REFERENCE, written):
        return ""
    if visits_of(reader).visits().filter(reference=written).exists():
        return reverse("bookings:diary_visit", args=[written])
    if patient := known_to(reader, Patient.objects.filter(reference=written).remaining()).first():
        return reverse("bookings:patient", args=[patient.reference])
    return ""


def _shown(reading: Reading, newcomer: Newcomer | None, number: int) -> dict[str, Any]:
    """A reading with the forms that book it: one a time, each with a key of its own, so that two taps are one booking.

    Where the age is not known, one form for the times of one day, so that one answer says it for all of them. Who is on
    record has the date of birth entered there.
    """
    patient, slots = reading.patient, reading.slots
    is_unasked = patient is None or patient.date_of_birth is None
    question = age_question(reading.treatment) if is_unasked else AgeQuestion.NONE
    has_to_be_entered = patient is not None and question == AgeQuestion.BIRTHDAY
    if question != AgeQuestion.NONE:
        slots = [slot for slot in slots if clock.today(slot.starts_at) == clock.today(slots[0].starts_at)]
    groups = [slots] if question != AgeQuestion.NONE and slots else [[slot] for slot in slots]
    name = patient.full_name if patient else newcomer.full_name if newcomer else ""
    return {
        "reading": reading,
        "title": f"{name}: {reading.treatment.name}",
        "facts": _facts(patient, newcomer),
        "age": AgeForm(question, number=number, takes_focus=number == 1 and reading.is_exact),
        "unasked": patient if has_to_be_entered else None,
        "forms": [
            {"slot": group[0], "times": _times(group), "fields": _fields(reading, newcomer, group)} for group in groups
        ],
    }


def _times(slots: list[Slot]) -> list[tuple[str, Slot]]:
    """What each button sends: nothing where the form has one time."""
    return [(slot_value(slot) if len(slots) > 1 else "", slot) for slot in slots]


def _fields(reading: Reading, newcomer: Newcomer | None, slots: list[Slot]) -> dict[str, str]:
    """What the booking page is sent; the button says which of several times it is."""
    day = clock.today(slots[0].starts_at)
    who = {"patient": reading.patient.reference} if reading.patient else _typed(newcomer)
    return {
        "do": "book",
        "treatment": reading.treatment.slug,
        "practitioner": "",
        "day": day.isoformat(),
        **({"slot": slot_value(slots[0])} if len(slots) == 1 else {}),
        "times_for": times_for(treatment=reading.treatment, practitioner=None, day=day),
        **who,
        "key": str(uuid.uuid4()),
    }


def _typed(newcomer: Newcomer | None) -> dict[str, str]:
    return {"patient": NEW, "full_name": newcomer.full_name, "phone": newcomer.written_phone} if newcomer else {}


def _facts(patient: Patient | None, newcomer: Newcomer | None) -> str:
    if patient is None:
        return f"New patient, {newcomer.written_phone}" if newcomer else ""
    number = patient.phone.as_national if patient.phone else ""
    return ", ".join(filter(None, [_born(patient), number]))


def _born(patient: Patient) -> str:
    born = patient.date_of_birth
    return f"Born {written_date(born)}" if born else "Date of birth not asked yet"


def _understood(read: Line, meaning: Meaning) -> dict[str, str]:
    """The line in words, so that nothing is guessed in silence."""
    is_nobody = meaning.who and not meaning.patients and not meaning.newcomer
    missing = f"Nobody is called “{meaning.who}”" if is_nobody else "Not enough to book with"
    if is_nobody and is_no_number(meaning.who):
        missing = f"“{meaning.who}” has no telephone number that exists"
    newcomer = meaning.newcomer
    if meaning.is_not_theirs:
        missing = OWN_ONLY.format(meaning.practitioner.name) if meaning.practitioner else NO_DIARY
    return {
        "who": f"{newcomer.full_name}, {newcomer.written_phone}" if newcomer else meaning.who,
        "treatment": ", or ".join(treatment.name for treatment in meaning.treatments) or "None named",
        "when": ", ".join([long_day(read.day) if read.day else "Any day", *([desk_clock(read.at)] if read.at else [])])
        if not read.impossible
        else "No such day or time",
        "missing": "Please type another day or time" if read.impossible else missing,
    }


def _by_hand(read: Line, meaning: Meaning, place: str) -> str:
    """The booking page with all that was understood filled in."""
    known = {
        "day": read.day.isoformat() if read.day else "",
        "at": f"{read.at:%H:%M}" if read.at else "",
        "treatment": meaning.treatments[0].slug if len(meaning.treatments) == 1 else "",
        "practitioner": meaning.practitioner.slug if meaning.practitioner else "",
        "patient": meaning.patients[0].reference if len(meaning.patients) == 1 else "",
        **_typed(meaning.newcomer),
        "do": "times",
        "next": place,
    }
    answers = {name: value for name, value in known.items() if value}
    return f"{reverse('bookings:diary_book')}?{urlencode(answers)}"
