"""What the pages of an account may show: whose records it opens, and what of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.patients.models import Patient, PatientAccess

May = PatientAccess.May


@dataclass(frozen=True, slots=True)
class Opened:
    """The live accesses of an account, each with its patient."""

    accesses: list[PatientAccess]

    @property
    def own(self) -> Patient | None:
        """The record of the person who signed in."""
        return next((one.patient for one in self.accesses if one.kind == PatientAccess.Kind.SELF), None)

    @property
    def of_others(self) -> list[PatientAccess]:
        """Those to visits of people they help."""
        return [one for one in self.accesses if one.kind == PatientAccess.Kind.CARER and May.VISITS in one.may]

    @property
    def with_visits(self) -> list[int]:
        """The records whose visits they may see."""
        return [one.patient_id for one in self.accesses if May.VISITS in one.may]

    @property
    def visits(self) -> int:
        """How many visits these are."""
        return sum(getattr(one, "visits", 0) for one in self.accesses if May.VISITS in one.may)


def opened_by(user: User, now: datetime) -> Opened:
    """In one statement, with the number of visits."""
    visits = Appointment.objects.visits().filter(patient=OuterRef("patient")).order_by().values("patient")
    counted = Coalesce(Subquery(visits.annotate(number=Count("pk")).values("number")), 0)
    accesses = PatientAccess.objects.filter(user=user).live(now).select_related("patient")
    return Opened(list(accesses.annotate(visits=counted)))
