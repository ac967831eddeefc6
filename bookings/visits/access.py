"""Which visits and patients a member of staff may read and change: asked by every page of staff, decided here alone.

Desk and owner: all, but that records of limited use (`LimitedRecord`) are the owner's alone: of their visits others see
the time and the treatment, and the name while the patient is awaited. A practitioner: their own visits and whoever came to them; of others' visits the time, the name and the treatment. They book into their own diary,
and may hand a visit of theirs over to another. The owner may let practitioners share (`practitioners_share_visits`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.appointment import AppointmentQuerySet
from bookings.visits.models.statuses import ACTIVE, Status
from clinic.accounts.models import User
from clinic.accounts.rights import Right, may
from clinic.core import clock
from clinic.patients.models import Patient, PatientQuerySet
from clinic.practitioners.models import Practitioner
from clinic.privacy.models import LimitedRecord

Reader: TypeAlias = User | AnonymousUser
Rows = TypeVar("Rows", bound="QuerySet[Any]")
AWAITED = set(ACTIVE) - {Status.COMPLETED}
NAMELESS = "Withheld"


def sees_all(reader: Reader, settings: BookingSettings | None = None) -> bool:
    """Whether every visit is open to them. One statement for a practitioner, unless the caller has read `settings`."""
    if may(reader, Right.CHANGE_ANY_DIARY):
        return True
    return may(reader, Right.CHANGE_OWN_DIARY) and (settings or BookingSettings.load()).practitioners_share_visits


def visits_of(reader: Reader) -> AppointmentQuerySet:
    """Visits that they may open and change."""
    rows = without_limited(Appointment.objects.all(), reader)
    return rows if sees_all(reader) else rows.filter(practitioner__user=reader.pk)


def known_to(reader: Reader, patients: PatientQuerySet) -> PatientQuerySet:
    """Those of `patients` whose record they may open: who has or had a visit with them."""
    patients = without_limited(patients, reader, patient="pk")
    if sees_all(reader):
        return patients
    own = Appointment.objects.visits().filter(patient=OuterRef("pk"), practitioner__user=reader.pk)
    return patients.filter(Exists(own))


def todays_visits(reader: Reader, now: datetime) -> AppointmentQuerySet:
    """The visits of today's list of this reader: a shared tablet's PIN opens the records of their patients alone."""
    return visits_of(reader).visits().in_span(*clock.day_bounds(clock.today(now)))


def without_limited(rows: Rows, reader: Reader, *, patient: str = "patient") -> Rows:
    """Without what belongs to records of limited use, unless they may open those.

    `patient` is the field of `rows` that leads to the record.
    """
    return rows if may(reader, Right.ANSWER_DATA_REQUESTS) else rows.filter(~Exists(limited(patient=OuterRef(patient))))


def limited(**whose: Any) -> QuerySet[LimitedRecord]:
    """Records of limited use: because their patient asked for it, or because they were erased and have to be kept.

    Whoever booked again after they were erased is a patient as any other.
    """
    since = Appointment.objects.visits().filter(patient=OuterRef("patient"), created_at__gt=OuterRef("since"))
    return LimitedRecord.objects.filter(Q(until=None) | ~Exists(since), **whose)


def diaries_of(reader: Reader, settings: BookingSettings | None = None) -> QuerySet[Practitioner]:
    """Whose diary they may book visits into: everyone's, or their own. Nobody's, without a diary or the right."""
    if sees_all(reader, settings):
        return Practitioner.objects.all()
    is_allowed = may(reader, Right.CHANGE_OWN_DIARY)
    return Practitioner.objects.filter(user=reader.pk) if is_allowed else Practitioner.objects.none()


def withhold(visits: Iterable[Appointment], reader: Reader, settings: BookingSettings | None = None) -> None:
    """Leave of others' visits only what everyone may read; `practitioner` must be at hand."""
    found = list(visits)
    withhold_limited(found, reader)
    if not found or sees_all(reader, settings):
        return
    for visit in found:
        if visit.practitioner.user_id != reader.pk and not visit.is_withheld:
            _withhold(visit)


def withhold_limited(visits: Iterable[Appointment], reader: Reader | None = None) -> None:
    """Leave of visits of limited records that somebody comes: their time and treatment, and until then their name.

    Without a reader, as of what is printed or kept in a file, nobody may read more.
    """
    found = [visit for visit in visits if visit.patient_id]
    if not found or (reader is not None and may(reader, Right.ANSWER_DATA_REQUESTS)):
        return
    withheld = _of_limited(found)
    today, _ = clock.day_bounds(clock.today())
    for visit in found:
        if visit.patient_id in withheld:
            is_awaited = visit.status in AWAITED and visit.ends_at > today
            _withhold(visit)
            visit.is_limited = True
            if not is_awaited:
                visit.patient = Patient(full_name=NAMELESS)


def _of_limited(visits: list[Appointment]) -> set[int | None]:
    """Whose record is of limited use; asked of the database unless its answer came with each visit."""
    if all(hasattr(visit, "is_of_limited") for visit in visits):
        return {visit.patient_id for visit in visits if visit.is_of_limited}  # type: ignore[attr-defined]
    return set(limited(patient__in={visit.patient_id for visit in visits}).values_list("patient", flat=True))


def _withhold(visit: Appointment) -> None:
    visit.is_withheld = True
    visit.note, visit.price = "", None
    visit.typed_phone, visit.typed_contact_by = "", ""
    if visit.patient:
        visit.patient = Patient(full_name=visit.patient.full_name)
