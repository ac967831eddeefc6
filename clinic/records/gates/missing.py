"""What a visit lacks before it starts or is completed, each with the page that mends it: all of it at once.

G1 identity, G2 age, G3 answers and G4 assessment stand here. What G5 (consent) asks for is added to `BEFORE_START`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bookings.openings.gates import Missing
from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.core.formats import full_time
from clinic.patients.models import Patient
from clinic.records.answering.states import questions_state
from clinic.records.assessing.standing import assessment_entry_of, windows_for
from clinic.records.entries.models import Entry, Kind
from clinic.records.needs.models import RecordKind, TreatmentRules, rules_of

Asks = Callable[[Appointment, TreatmentRules, datetime], Missing | None]
RECORDS_OF_TREATING = (Kind.TREATMENT, Kind.NOTE)  # a note until there is the record of a treatment: ADR 24


def missing_to_start(visit: Appointment, now: datetime) -> list[Missing]:
    """Everything that the rules of its treatment ask for, and is not there."""
    rules = rules_of(visit.treatment)
    if rules is None or visit.patient is None:
        return []
    return [found for ask in BEFORE_START if (found := ask(visit, rules, now))]


def missing_to_complete(visit: Appointment, now: datetime) -> list[Missing]:
    """The signed record that its treatment needs; the database asks for the same (`assessment_sql`)."""
    rules = rules_of(visit.treatment)
    if rules is None or rules.record_kind == RecordKind.NONE:
        return []
    if rules.record_kind == RecordKind.CONSULTATION:
        signed = assessment_entry_of(visit.pk) is not None
        return [] if signed else [Missing("record", "The consultation is not signed.", "records:assessment")]
    signed = Entry.objects.standing().filter(visit=visit, kind__in=RECORDS_OF_TREATING).exists()
    return [] if signed else [Missing("record", "What was done is not signed.")]


def identity(visit: Appointment, rules: TreatmentRules, now: datetime) -> Missing | None:
    """G1: which document was seen, once. Source: AGE-03."""
    if not rules.needs_identity_check or visit.patient is None:
        return None
    return None if is_seen(visit.patient) else Missing("identity", "Identity has not been seen.", "records:identity")


def is_seen(patient: Patient) -> bool:
    """Whether somebody has noted that this patient is who they say."""
    return Entry.objects.of(patient).standing().filter(kind=Kind.IDENTITY_CHECK).exists()


def age(visit: Appointment, rules: TreatmentRules, now: datetime) -> Missing | None:
    """G2: old enough today. That the date of birth is known at all, bookings ask."""
    least, born = rules.treatment.minimum_age, visit.patient.date_of_birth if visit.patient else None
    if born is None or clock.age_on(born, clock.today(now)) >= least:
        return None
    return Missing("age", f"The patient is under {least}.")


def answers(visit: Appointment, rules: TreatmentRules, now: datetime) -> Missing | None:
    """G3: health answers in date, reviewed at this visit today, and no flag of them stands."""
    state = questions_state(visit, now)
    return None if state.is_ready else Missing("answers", state.sentence, "records:questions")


def assessment(visit: Appointment, rules: TreatmentRules, now: datetime) -> Missing | None:
    """G4: found suitable, in date, and the time to think is over. Sources: CON-03, RX-01."""
    if not rules.is_treated or visit.patient is None:
        return None
    found = windows_for(visit.patient, rules.treatment)
    if any(window.has(now) for window in found):
        return None
    coming = [window.opens for window in found if window.opens > now]
    if coming:
        return Missing("time_to_think", f"The time to think ends on {full_time(min(coming))}.", "records:assessment")
    return Missing("assessment", "There is no assessment in date that opens this treatment.", "records:assessment")


BEFORE_START: list[Asks] = [identity, age, answers, assessment]
