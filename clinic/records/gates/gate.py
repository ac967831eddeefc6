"""What clinical records say where bookings ask: before a visit is booked, started or completed, and invited after it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.openings.gates import Gate, Missing, ToBook
from bookings.visits.models import Appointment
from clinic.catalogue.models import Treatment
from clinic.patients.models import Patient
from clinic.records.assessing.models import AssessmentOutcome, Outcome
from clinic.records.assessing.standing import windows_for
from clinic.records.gates.missing import missing_to_complete, missing_to_start
from clinic.records.needs.models import rules_of


class RecordGate(Gate):
    def to_book(self, patient: Patient | None, treatment: Treatment) -> ToBook | None:
        """A treatment with rules is opened by an assessment that finds it suitable, and by nothing else."""
        rules = rules_of(treatment)
        if rules is None or not rules.is_treated:
            return None
        found = windows_for(patient, treatment) if patient else []
        return ToBook(found, timedelta(days=rules.assessment_valid_days))

    def to_start(self, visit: Appointment, now: datetime) -> list[Missing]:
        return missing_to_start(visit, now)

    def to_complete(self, visit: Appointment, now: datetime) -> list[Missing]:
        return missing_to_complete(visit, now)

    def may_invite(self, visit: Appointment) -> bool:
        """Nobody is invited back after a consultation that found a treatment not to be right for them."""
        found = AssessmentOutcome.objects.standing().filter(entry__visit=visit.pk)
        return not found.filter(outcome=Outcome.NOT_SUITABLE).exists()
