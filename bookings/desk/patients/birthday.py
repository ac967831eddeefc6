"""Ask a birthday later: of a patient who was booked at the desk without one."""

from __future__ import annotations

from datetime import date, datetime

from bookings.engine.eligibility import check_birthday_for
from bookings.visits.models import Appointment
from clinic.patients.corrections import DETAILS, ChangedMeanwhile, correct, digest


def note_birthday(*, visit: Appointment, born: date, now: datetime) -> None:
    """Write the birthday of this visit's patient to the record, where it has none. The same once more changes nothing.

    Raises:
        TooYoung: for this visit; logged, and nothing is written. BirthdayTypo.
        ChangedMeanwhile: another birthday was entered since. KnownAlready: another record is of this very person.
    """
    patient = visit.patient
    if patient is None or patient.date_of_birth == born:
        return
    if patient.date_of_birth:
        raise ChangedMeanwhile("Another date of birth was entered meanwhile. Please look at the record.")
    check_birthday_for(visit, born, now)
    details = {name: getattr(patient, name) for name in DETAILS}
    correct(patient=patient, seen=digest(patient), details={**details, "date_of_birth": born})
