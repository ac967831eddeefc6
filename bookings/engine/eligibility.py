"""Who may have a visit: age, consultation first, and how many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError

from bookings.engine.consultations import check_consultation
from bookings.visits.models import AgeRefusal, Appointment
from bookings.visits.models.age_said import SAID_AT_LEAST, AgeQuestion, age_question
from bookings.visits.models.appointment import AppointmentQuerySet
from bookings.visits.models.statuses import ACTIVE, Status
from bookings.visits.models.typed_contact import WithTypedContact
from bookings.visits.policy import Policy
from bookings.visits.refusals import (
    BirthdayNeeded,
    BirthdayTypo,
    NewPatientsOnly,
    ReturningPatientsOnly,
    TooManyVisits,
    TooYoung,
)
from clinic.accounts.models import User
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients import validation
from clinic.patients.joining import join
from clinic.patients.models import Patient, PatientAccess, PatientQuerySet

STARTED = (Status.IN_PROGRESS, Status.COMPLETED)
MOST_ALIKE = 2  # coming visits for one treatment that is no course, booked one by one online


@dataclass(frozen=True, slots=True)
class DeskDetails:
    """What staff write down of someone whom they book. The birthday may be asked later: then nobody is found by these.

    `marketing_opt_in` is a wish for invitations; without it, what they said of them before stands.
    """

    full_name: str
    email: str
    phone: str
    date_of_birth: date | None
    note: str = ""
    contact_by: str = ""  # not said: what the record says, or both
    marketing_opt_in: bool = False
    record: int | None = None  # of someone who was chosen, not described
    proved: frozenset[int] = frozenset()  # records whose patient this person has shown to be
    joins: int | None = None  # the account that a record is joined to, if these details make one


@dataclass(frozen=True, slots=True)
class PatientDetails(DeskDetails):
    """What patients tell of themselves when they book; checked by the form or the interface. Never without a birthday."""

    date_of_birth: date


def details_of(patient: Patient, note: str = "", *, is_proved: bool = True) -> PatientDetails:
    """What is known of a patient, for another visit; `is_proved` where it is they who ask, or staff.

    Raises:
        BirthdayNeeded: it was not asked yet, so staff alone can book.
    """
    if patient.date_of_birth is None:
        raise BirthdayNeeded("This needs your date of birth first. Please call us.")
    return PatientDetails(date_of_birth=patient.date_of_birth, **_known_of(patient, note, is_proved=is_proved))


def desk_details_of(patient: Patient, note: str = "") -> DeskDetails:
    """What is known of a patient whom staff book, with or without a birthday."""
    return DeskDetails(date_of_birth=patient.date_of_birth, **_known_of(patient, note, is_proved=True))


def _known_of(patient: Patient, note: str, *, is_proved: bool) -> dict[str, Any]:
    return {
        "full_name": patient.full_name,
        "email": patient.email,
        "phone": str(patient.phone),
        "note": note,
        "contact_by": patient.contact_by,
        "record": patient.pk,
        "proved": frozenset({patient.pk}) if is_proved else frozenset(),
    }


def check_age(*, treatment: Treatment, date_of_birth: date, visit_day: date, now: datetime) -> None:
    """Refuse, and log without a name, who is too young on the day of booking or of the visit.

    Source: Botulinum Toxin and Cosmetic Fillers (Children) Act 2021 s.2: arranging such a visit for someone under 18
    is itself the offence, so the day of booking counts.

    Raises:
        TooYoung
        BirthdayTypo: nobody is that young or that old. It is no refusal for age, so it is not logged as one.
    """
    try:
        validation.birthday(date_of_birth, clock.today(now))
    except ValidationError as error:
        raise BirthdayTypo(f"{error.message}.") from error
    age = clock.age_on(date_of_birth, min(clock.today(now), visit_day))
    if age < treatment.minimum_age:
        AgeRefusal.objects.create(treatment=treatment, age=max(age, 0), refused_at=now)
        raise TooYoung(f"We cannot book this for anyone under {treatment.minimum_age}.")


def check_age_said(*, treatment: Treatment, to: User | None, now: datetime) -> dict[str, Any]:
    """What a visit keeps of an age that was said `to` someone at the desk, in place of the birthday.

    Nobody heard it: a treatment without a minimum age needs neither.

    Raises:
        BirthdayNeeded
    """
    question = age_question(treatment)
    if question == AgeQuestion.BIRTHDAY:
        raise BirthdayNeeded("Enter the date of birth: this is not booked before it is known.")
    if question == AgeQuestion.WORD and to is None:
        raise BirthdayNeeded(f"Enter the date of birth, or tick that they say they are {SAID_AT_LEAST} or over.")
    return {"age_said": SAID_AT_LEAST, "age_said_at": now, "age_said_to": to} if to else {}


def needs_birthday(visit: Appointment) -> bool:
    """Whether the date of birth must be entered before this visit starts."""
    return visit.status not in STARTED and visit.patient is not None and visit.patient.date_of_birth is None


def check_start(visit: Appointment, status: str, now: datetime) -> None:
    """Refuse to start, or complete, a visit of a patient without a birthday, or of one who said to be older than they are.

    Raises:
        BirthdayNeeded. TooYoung, logged.
    """
    is_a_start = status in STARTED and visit.status not in STARTED
    if visit.patient is None or not is_a_start:
        return
    if visit.patient.date_of_birth is None:
        raise BirthdayNeeded("Enter the date of birth first: the visit starts once it is known.")
    if visit.age_said is not None:
        check_birthday_for(visit, visit.patient.date_of_birth, now)


def check_birthday_for(visit: Appointment, born: date, now: datetime) -> None:
    """Refuse a birthday with which this visit cannot be. What `check_age` raises."""
    day = clock.today(visit.starts_at)
    try:
        check_age(treatment=visit.treatment, date_of_birth=born, visit_day=day, now=now)
    except TooYoung as error:
        least = visit.treatment.minimum_age
        raise TooYoung(f"This visit is not for anyone under {least}. Please cancel it.") from error


def records_of(details: DeskDetails) -> PatientQuerySet:
    """The records of the person who gave these details: one, or none; the oldest first where a migration kept two."""
    if details.record:
        return Patient.objects.filter(pk=details.record).remaining()
    return Patient.objects.same_person(
        full_name=details.full_name,
        email=details.email,
        phone=details.phone,
        date_of_birth=details.date_of_birth,
    )


def find_or_add_patient(details: DeskDetails, *, by_staff: bool = False) -> tuple[Patient, bool]:
    """The record of the person who gave these details, locked, made if there is none; and whether they are unproven.

    Who only types a name, an address and a birthday may be anybody: their words change nothing of a record that is
    here already. Staff, and a patient who has proved to be one, bring it up to date. Only a record that is made here is
    joined to an account (ADR 15).
    """
    known = records_of(details).select_for_update(no_key=True).first()
    if known and known.merged_into_id:  # while we waited for the lock
        known = Patient.objects.select_for_update(no_key=True).get(pk=known.merged_into_id)
    if known is None:
        made = Patient.objects.create(
            full_name=details.full_name,
            email=details.email,
            phone=details.phone,
            date_of_birth=details.date_of_birth,
            contact_by=details.contact_by or Patient.Channel.BOTH,
        )
        if details.joins:
            join(made, details.joins, source=PatientAccess.Source.BOOKING, now=made.created_at)
        return made, False
    if not by_staff and known.pk not in details.proved:
        return known, True
    update_contact(known, phone=details.phone, contact_by=details.contact_by)
    return known, False


def update_contact(patient: Patient, *, phone: str, contact_by: str) -> None:
    """Write these to the record where they say something new."""
    wanted = {"phone": phone or str(patient.phone), "contact_by": contact_by or patient.contact_by}
    if wanted != {"phone": str(patient.phone), "contact_by": patient.contact_by}:
        patient.phone, patient.contact_by = wanted["phone"], wanted["contact_by"]
        patient.save(update_fields=["phone", "contact_by"])


def keep_typed(row: WithTypedContact, patient: Patient, details: DeskDetails, *, is_unproven: bool) -> None:
    """Keep on `row`, for staff, what an unproven person typed beside what the record says."""
    phone, contact_by = (details.phone, details.contact_by) if is_unproven else ("", "")
    row.is_unproven = is_unproven
    row.typed_phone = "" if phone == str(patient.phone) else phone
    row.typed_contact_by = "" if contact_by == patient.contact_by else contact_by


def check_patient(
    patient: Patient, appointment: Appointment, now: datetime, policy: Policy, *, until: datetime | None = None
) -> None:
    """The rules that hold for bookings online; `until`, if any start from the appointment's until then would do.

    Raises:
        NewPatientsOnly, ReturningPatientsOnly: the treatment is for the others.
        TooManyVisits: as many coming visits as the clinic allows.
        NeedsConsultation: no such consultation, too short a time to reflect since, or too long ago.
    """
    if appointment.follows_id is None:  # a follow-up comes after a visit by its nature
        _check_open_to(patient, appointment)
    coming = Appointment.objects.upcoming(now).filter(patient=patient)
    if coming.count() >= policy.max_future_visits:
        raise TooManyVisits("You already have several visits booked. Please call us to book another.")
    if appointment.follows_id is None:
        _check_how_many_alike(coming, appointment)
    appointment.patient = patient
    check_consultation(appointment, policy, until=until)


def _check_how_many_alike(coming: AppointmentQuerySet, appointment: Appointment) -> None:
    """One more than is coming may be meant; several in a row are a slip, or take times from others.

    Visits that are booked together count as one.

    The refusal does not say whether there is a visit: it may be read by someone who only knows the patient's birthday.
    """
    treatment = appointment.treatment
    alike = coming.filter(treatment=treatment)
    if appointment.series:
        alike = alike.exclude(series=appointment.series)
    if not appointment.is_unproven:  # what strangers book in a patient's name takes nothing from the patient
        alike = alike.filter(is_unproven=False)
    if alike.count() >= max(MOST_ALIKE, treatment.course_visits):
        raise TooManyVisits(
            "No more of these visits can be booked online under these details. If you have one already, you can move "
            "it by the link in its confirmation. Or please call us."
        )


def _check_open_to(patient: Patient, appointment: Appointment) -> None:
    visits, open_to = Appointment.objects.filter(patient=patient), appointment.treatment.open_to
    if appointment.series:  # booked together, so none of them makes a returning patient
        visits = visits.exclude(series=appointment.series)
    if open_to == Treatment.OpenTo.NEW and visits.filter(status__in=ACTIVE).exists():
        raise NewPatientsOnly("This is for a first visit only. Please choose another treatment, or call us.")
    if open_to == Treatment.OpenTo.RETURNING and not visits.filter(status=Status.COMPLETED).exists():
        raise ReturningPatientsOnly(
            "This is for people who have been here before, and we cannot find a past visit under these details. "
            "Please check them, choose another treatment, or call us."
        )
