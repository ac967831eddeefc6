"""Whether a patient has had the consultation that a treatment needs: the right one, long enough ago, not too long ago.

Where a program above keeps what a consultation came to (`openings.gates`), what it says stands in place of that.

Sources: GMC and JCCP on time to reflect before a cosmetic intervention; a new face-to-face assessment for a repeat, as
the NMC asks of prescribers since June 2025.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from bookings.openings import gates
from bookings.openings.gates import ToBook, Window
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.policy import Policy, policy_for
from bookings.visits.refusals import NeedsConsultation
from bookings.visits.slot import Slot
from clinic.catalogue.consultations import consultations_for
from clinic.catalogue.models import Treatment
from clinic.patients.models import Patient


def to_book(patient: Patient | None, treatment: Treatment, policy: Policy) -> ToBook:
    """When this patient may have a treatment that needs a consultation; nobody in particular never may."""
    asked = gates.to_book(patient, treatment)
    return asked or ToBook(
        _since_consultations(patient, treatment, policy) if patient else [], policy.consultation_valid
    )


def _since_consultations(patient: Patient, treatment: Treatment, policy: Policy) -> list[Window]:
    """One window for each completed consultation of the kind that this treatment needs, the earliest first."""
    ends = Appointment.objects.filter(
        patient=patient, treatment__in=consultations_for(treatment), status=Status.COMPLETED
    ).values_list("during__endswith", flat=True)
    reflection = timedelta(hours=treatment.reflection_hours)
    return [Window(ended_at + reflection, ended_at + policy.consultation_valid) for ended_at in sorted(ends)]


def is_consulted(appointment: Appointment, policy: Policy) -> bool:
    """Whether its patient may have this visit at its time; always, if its treatment needs no consultation."""
    return could_be_consulted(appointment, appointment.starts_at, policy)


def could_be_consulted(appointment: Appointment, until: datetime, policy: Policy) -> bool:
    """Whether its patient may have such a visit at some time from its start until `until`."""
    treatment = appointment.treatment
    if not treatment.requires_consultation:
        return True
    found = to_book(appointment.patient, treatment, policy).windows
    return any(window.opens <= until and appointment.starts_at <= window.closes for window in found)


def check_consultation(appointment: Appointment, policy: Policy, *, until: datetime | None = None) -> None:
    """A consultation, and time to reflect, before the visit; `until`, if any start up to then would do.

    The refusal says the same whatever is missing: it may be read by someone who only knows the patient's birthday.

    Raises:
        NeedsConsultation
    """
    if not could_be_consulted(appointment, until or appointment.starts_at, policy):
        raise NeedsConsultation(_words(appointment.treatment, policy))


def may_start(patient: Patient | None, treatment: Treatment, policy: Policy) -> Callable[[Slot], bool]:
    """Which free times this patient may have, as far as consultations go; asks the database once."""
    if not treatment.requires_consultation:
        return lambda _: True
    found = to_book(patient, treatment, policy).windows
    return lambda slot: any(window.has(slot.starts_at) for window in found)


def opened_for(patients: Iterable[int], treatments: Iterable[Treatment], now: datetime) -> frozenset[int]:
    """Which of these treatments, by id, the past visits of one of these patients open now or soon."""
    people = list(Patient.objects.filter(pk__in=patients))
    been_here = Appointment.objects.filter(patient__in=people, status=Status.COMPLETED)
    have_been_here = bool(people) and been_here.exists()
    return frozenset(
        treatment.pk
        for treatment in treatments
        if have_been_here
        and (
            not treatment.requires_consultation
            or any(
                window.closes > now
                for patient in people
                for window in to_book(patient, treatment, policy_for(treatment)).windows
            )
        )
    )


def _words(treatment: Treatment, policy: Policy) -> str:
    valid = to_book(None, treatment, policy).valid  # the treatment's, so the words are nobody's
    return (
        "This needs a consultation first, "
        f"{_counted(treatment.reflection_hours, 'hour')} to {_counted(valid.days, 'day')} "
        "before the visit, and we cannot find one under these details. Please book a consultation."
    )


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
