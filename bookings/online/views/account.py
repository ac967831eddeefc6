"""Find what an account opens: the records that `PatientAccess` joins to it, and their visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Value

from bookings.visits.models import Appointment
from bookings.visits.models.appointment import AppointmentQuerySet
from clinic.accounts.models import User
from clinic.accounts.proved_addresses import proved_addresses
from clinic.patients.models import Patient, PatientAccess, PatientAccessQuerySet, PatientQuerySet, folded


def own_patients(user: User, now: datetime) -> PatientQuerySet:
    """The record of the person who signs in as `user`: one, or none."""
    return PatientAccess.objects.filter(user=user).live(now).own().patients()


def own_record_of(user: User, full_name: str, date_of_birth: date, now: datetime) -> Patient | None:
    """The record of the person who signs in, if that is whom this name and birthday describe."""
    alike = own_patients(user, now).filter(name_key=folded(Value(full_name)), date_of_birth=date_of_birth)
    return alike.first()


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose record a booking goes to.

    `record` is the account's own, or that of someone whom it `helps`. Without one, `joins` is the account that the record
    may be joined to which the booking makes. Both are None for a booking for somebody else.
    """

    record: int | None = None
    joins: int | None = None
    helps: bool = False


def whose_record(user: User, full_name: str, email: str, date_of_birth: date, now: datetime) -> Whose:
    """Tell whether `user` books this visit for themselves.

    Without a record yet, one that the booking makes may become theirs, if the address is one they have proved. A visit
    of the one person they help who has this name and birthday goes to that person's record.
    """
    if own := own_record_of(user, full_name, date_of_birth, now):
        return Whose(record=own.pk)
    helped = visits_open_to(user, now).helping().patients()
    alike = list(helped.filter(name_key=folded(Value(full_name)), date_of_birth=date_of_birth)[:2])
    if len(alike) == 1:
        return Whose(record=alike[0].pk, helps=True)
    may_join = email.lower() in proved_addresses(user) and not own_patients(user, now).exists()
    return Whose(joins=user.pk if may_join else None)


def visits_open_to(user: User, now: datetime) -> PatientAccessQuerySet:
    """The accesses by which `user` may see, book, move and cancel visits: their own, and those of whom they help."""
    return PatientAccess.objects.filter(user=user).live(now).to_visits()


def visits_of_account(user: User, now: datetime) -> AppointmentQuerySet:
    opened = visits_open_to(user, now)
    rows: AppointmentQuerySet = Appointment.objects.visits()
    return rows.filter(patient__in=opened.order_by().values("patient"))
