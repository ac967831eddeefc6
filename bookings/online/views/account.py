"""What an account opens: the visits of the records that `PatientAccess` joins to it, and nothing by an address alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Value

from bookings.visits.models import Appointment
from bookings.visits.models.appointment import AppointmentQuerySet
from clinic.accounts.models import User
from clinic.accounts.proved_addresses import proved_addresses
from clinic.patients.models import Patient, PatientAccess, PatientQuerySet, folded


def own_patients(user: User, now: datetime) -> PatientQuerySet:
    """The record of the person who signs in as `user`: one, or none."""
    return PatientAccess.objects.filter(user=user).live(now).own().patients()


def own_record_of(user: User, full_name: str, date_of_birth: date, now: datetime) -> Patient | None:
    """The record of the person who signs in, if that is whom this name and birthday describe."""
    alike = own_patients(user, now).filter(name_key=folded(Value(full_name)), date_of_birth=date_of_birth)
    return alike.first()


@dataclass(frozen=True, slots=True)
class Whose:
    """The record that a booking goes to, where it is the account's own; else the account that a new one may be joined to."""

    record: int | None = None
    joins: int | None = None


def whose_record(user: User, full_name: str, email: str, date_of_birth: date, now: datetime) -> Whose:
    """What `user` may do with a booking of this person: their own visit goes to their own record.

    Without a record yet, one that the booking makes may become theirs, if the address is one they have proved.
    """
    if own := own_record_of(user, full_name, date_of_birth, now):
        return Whose(record=own.pk)
    may_join = email.lower() in proved_addresses(user) and not own_patients(user, now).exists()
    return Whose(joins=user.pk if may_join else None)


def visits_of(user: User, now: datetime) -> AppointmentQuerySet:
    """Visits that `user` may see, move and cancel: their own, and those of whom they help."""
    opened = PatientAccess.objects.filter(user=user).live(now).to_visits()
    rows: AppointmentQuerySet = Appointment.objects.visits()
    return rows.filter(patient__in=opened.order_by().values("patient"))
