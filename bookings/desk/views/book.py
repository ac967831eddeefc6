"""A visit booked by staff: someone at the desk or on the telephone."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_http_methods

from bookings.desk import times as desk
from bookings.desk.forms.booking import MOST_FOUND, NEW, OTHER, DeskForm, patients_called, times_for
from bookings.desk.forms.staff import NewPatientForm, slot_value
from bookings.desk.patients.search import found
from bookings.desk.views.address import next_of
from bookings.desk.views.landing import back_to, name_of, visit_address
from bookings.engine import booking
from bookings.engine.eligibility import DeskDetails, desk_details_of
from bookings.engine.idempotency import Idempotency
from bookings.messages.planning.reach import cannot_be_sent
from bookings.online.forms.email_question import ANSWER
from bookings.visits.access import Reader, diaries_of, sees_all
from bookings.visits.models import Appointment
from bookings.visits.models.age_said import AgeQuestion, age_question
from bookings.visits.refusals import BirthdayNeeded, KeyReused, for_staff
from bookings.visits.slot import Slot
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.date_fields import read_day
from clinic.core.errors import DomainError
from clinic.core.formats import desk_time
from clinic.core.web.flash import leave_notice
from clinic.core.web.htmx import render_page
from clinic.patients.birthday_field import PARTS
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner

BOOKED_ALREADY = "A visit was booked from this page already. To book this one as well, press “Book the visit” again."
CANCELLED_SINCE = (
    "The visit that was booked from this page is cancelled. To book it anew, press “Book the visit” again."
)
PATIENT_FIELDS = ("full_name", "email", "phone", "contact_by")


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_OWN_DIARY)
def book(request: HttpRequest) -> HttpResponse:
    """One page; `do` says which of its buttons was pressed: `times`, `find` or `book`."""
    if request.method == "GET" or not (request.POST.get("do") == "book" or ANSWER in request.POST):
        typed = _with_own_diary((request.POST if request.method == "POST" else request.GET).dict(), request.user)
        start = {"day": clock.today().isoformat(), "patient": NEW, **typed}
        start.setdefault("key", str(uuid.uuid4()))
        return _page(
            request, DeskForm(initial=start, reader=request.user), NewPatientForm(initial=_patient_start(start)), start
        )
    typed = _with_own_diary(request.POST.dict(), request.user)
    form = DeskForm(request.POST, reader=request.user)
    is_valid = form.is_valid()
    is_new = form.cleaned_data.get("patient") is None and "patient" not in form.errors
    person = NewPatientForm(request.POST) if is_new else NewPatientForm(initial=_patient_start(typed))
    if not is_valid or (is_new and not person.is_valid()):
        return _page(request, form, person, typed, status=422 if form.errors or person.errors else 200)
    return _book(request, form, person, typed)


def _with_own_diary(typed: dict[str, str], reader: Reader) -> dict[str, str]:
    """The answers, with their own diary as the one asked about, for who may book into no other."""
    if sees_all(reader):
        return typed
    own = diaries_of(reader).values_list("slug", flat=True).first()
    return typed | {"practitioner": own or ""}


def _book(request: HttpRequest, form: DeskForm, person: NewPatientForm, typed: dict[str, str]) -> HttpResponse:
    answers = form.cleaned_data
    details = _details(answers["patient"], person, answers["note"])
    try:
        appointment = booking.book(
            treatment=answers["treatment"],
            practitioner=answers["practitioner"],
            starts_at=answers["starts_at"],
            details=details,
            now=clock.now(),
            source=Appointment.Source.DESK,
            by_staff=True,
            follows=answers["follows"],
            idempotency=_once(answers, details),
            age_said_to=user_of(request) if answers["is_adult"] else None,
        )
    except KeyReused:
        return _ask_once_more(request, form, person, typed, BOOKED_ALREADY)
    except BirthdayNeeded as refusal:
        return _ask_age(request, form, person, typed, str(refusal))
    except DomainError as refusal:
        form.add_error(None, for_staff(refusal))
        theirs = set(form.diaries.values_list("pk", flat=True))
        nearest = [slot for slot in getattr(refusal, "alternatives", []) if slot.practitioner_id in theirs]
        return _page(request, form, person, typed, status=409, nearest=nearest)
    if not appointment.leads_on:
        return _ask_once_more(request, form, person, typed, CANCELLED_SINCE)
    cannot = cannot_be_sent(appointment.patient) if appointment.patient else ""
    if appointment.starts_at <= clock.now():
        cannot = "Nothing is sent, because its time has passed."
    place = next_of(request)
    with_whom = "" if request.POST.get("practitioner") else f" with {appointment.practitioner.name}"
    booked = f"{appointment.whose}: booked for {desk_time(appointment.starts_at)}{with_whom}." if place else "Booked."
    leave_notice(
        request,
        f"{booked} {cannot or 'The confirmation is on its way.'}",
        page=visit_address(appointment.reference, place) if place else "",
    )
    return back_to(request, appointment.reference)


def _ask_once_more(
    request: HttpRequest, form: DeskForm, person: NewPatientForm, typed: dict[str, str], why: str
) -> HttpResponse:
    """The page with a key of its own, so that its button books again."""
    form.add_error(None, why)
    form.show(key=str(uuid.uuid4()))
    return _page(request, form, person, typed, status=409)


def _ask_age(
    request: HttpRequest, form: DeskForm, person: NewPatientForm, typed: dict[str, str], why: str
) -> HttpResponse:
    """Ask where the answer is typed: the tick, the boxes of someone new, or the record of someone known."""
    if age_question(form.cleaned_data["treatment"]) == AgeQuestion.WORD:
        form.add_error("is_adult", why)
    elif person.is_bound:
        person.add_error("date_of_birth", why)
    else:
        form.add_error(None, why)
    unasked = form.cleaned_data["patient"]
    return _page(request, form, person, typed, status=422, unasked=unasked)


def _once(answers: dict[str, Any], details: DeskDetails) -> Idempotency | None:
    """The page's own key, so that a second tap on its button is the same booking."""
    if answers["key"] is None:
        return None
    said = [answers["treatment"].pk, answers["starts_at"].isoformat(), asdict(details)]
    said.append(answers["practitioner"].pk if answers["practitioner"] else None)
    return Idempotency(f"desk:{answers['key']}", sha256(json.dumps(said, default=str).encode()).digest())


def _details(patient: Patient | None, person: NewPatientForm, note: str) -> DeskDetails:
    if patient is None:
        return DeskDetails(**person.cleaned_data, note=note)
    return desk_details_of(patient, note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The free times that the page lists, which of them is ticked, and what stands in the box for another."""

    listed: list[tuple[str, Slot]] | None
    shown_for: str
    ticked: str
    at: str

    @property
    def at_was(self) -> str:
        """What may stay in the box though another time is ticked: the page put it there, nobody typed it since."""
        return self.at if self.ticked in {"", OTHER} else ""


def _page(
    request: HttpRequest,
    form: DeskForm,
    person: NewPatientForm,
    typed: dict[str, str],
    *,
    status: int = 200,
    nearest: list[Slot] | None = None,
    unasked: Patient | None = None,
) -> HttpResponse:
    treatment = Treatment.objects.filter(live=True, slug=_slug(typed, "treatment")).first()
    question = age_question(treatment) if treatment else AgeQuestion.WORD
    if question == AgeQuestion.BIRTHDAY:
        person.say_that_the_birthday_comes_first()
    times = _times(typed, treatment, nearest or [])
    form.show(at=times.at)
    search = typed.get("search", "").strip()[:150].replace("\x00", "")
    patients, chosen = _found(search, typed.get("patient", NEW), request.user)
    if typed.get("do") == "find" and len(patients) == 1:
        chosen = patients[0].reference
    lacks_age = question == AgeQuestion.WORD and not any(
        one.date_of_birth for one in patients if one.reference == chosen
    )
    is_filled_in = request.method == "GET" and _is_filled_in(request.GET, times, question)
    if is_filled_in and lacks_age:
        form.ask_age_at_once()
    context = {
        "section": "diary",
        "form": form,
        "person": person,
        "focus": ("age" if lacks_age else "book") if is_filled_in else "heading",
        "times": times,
        "nearest": nearest,
        "patient": chosen,
        "found": patients,
        "search": search,
        "other": OTHER,
        "asks": question.value,
        "unasked": unasked,
        "next": next_of(request),
        "place_name": name_of(next_of(request)) if next_of(request) else "Diary",
    }
    return render_page(request, "bookings/desk/book.html", context, status=status)


def _is_filled_in(asked: QueryDict, times: Times, question: AgeQuestion) -> bool:
    """Whether the address, as the line writes it, names all that a booking needs but the tick for the age."""
    who = ("full_name", "phone") if asked.get("patient", NEW) == NEW else ("patient",)
    is_asked_first = question == AgeQuestion.BIRTHDAY and "full_name" in who
    is_named = all(asked.get(name) for name in ("treatment", "practitioner", "day", *who))
    return asked.get("do") == "times" and is_named and bool(times.ticked) and not is_asked_first


def _times(typed: dict[str, str], treatment: Treatment | None, nearest: list[Slot]) -> Times:
    """Free times for what is chosen so far; none while treatment or day is open.

    After a refusal the nearest times are listed and the box is empty: the refused time is not asked for again.
    """
    practitioner = Practitioner.objects.filter(slug=_slug(typed, "practitioner")).first()
    day = read_day(typed.get("day"))
    shown_for = times_for(treatment=treatment, practitioner=practitioner, day=day)
    if nearest:
        return Times(listed=_listed(nearest), shown_for=shown_for, ticked="", at="")
    at, ticked = typed.get("at", ""), typed.get("slot", "")
    if ticked not in {"", OTHER} and at == typed.get("at_was", ""):
        at = ""
    if treatment is None or day is None:
        return Times(listed=None, shown_for=shown_for, ticked=ticked, at=at)
    listed = _listed(desk.times_on(treatment=treatment, day=day, now=clock.now(), practitioner=practitioner))
    if at and not ticked:  # carried from a gap of the diary, or typed before the times were listed
        ticked = _alone_at(listed, at) if practitioner else ""
        at, ticked = ("", ticked) if ticked else (at, OTHER)
    return Times(listed=listed, shown_for=shown_for, ticked=ticked, at=at)


def _listed(slots: list[Slot]) -> list[tuple[str, Slot]]:
    return [(slot_value(slot), slot) for slot in slots]


def _alone_at(listed: list[tuple[str, Slot]], at: str) -> str:
    """The only listed time that begins at `at` (written HH:MM); twice in the hour that comes twice."""
    found = [value for value, slot in listed if f"{clock.local(slot.starts_at):%H:%M}" == at]
    return found[0] if len(found) == 1 else ""


def _found(search: str, chosen: str, reader: Reader) -> tuple[list[Patient], str]:
    """Who was looked for and who is chosen already, and the reference of the latter; a merged record gives its heir's."""
    rows = list(found(search, reader)[:MOST_FOUND]) if search else []
    if chosen in {"", NEW, *(patient.reference for patient in rows)}:
        return rows, chosen
    heirs = list(patients_called(chosen, reader))
    others = [patient for patient in rows if patient not in heirs]
    return [*heirs, *others][:MOST_FOUND], heirs[0].reference if heirs else chosen


def _patient_start(typed: dict[str, str]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: typed[name] for name in PATIENT_FIELDS if name in typed}
    kept["date_of_birth"] = [typed.get(f"date_of_birth_{part}", "") for part in PARTS]
    return kept


def _slug(typed: dict[str, str], name: str) -> str:
    return typed.get(name, "").replace("\x00", "")
