"""What an account opens: the visits of the records that `PatientAccess` joins to it, and nothing by an address alone."""

from __future__ import annotations

from datetime import datetime

from bookings.visits.models import Appointment
from bookings.visits.models.appointment import AppointmentQuerySet
from clinic.accounts.models import User
from clinic.patients.models import PatientAccess, PatientQuerySet


def own_patients(user: User, now: datetime) -> PatientQuerySet:
    """The record of the person who signs in as `user`: one, or none."""
    return PatientAccess.objects.filter(user=user).live(now).own().patients()


def visits_of(user: User, now: datetime) -> AppointmentQuerySet:
    """Visits that `user` may see, move and cancel: their own, and those of whom they help."""
    opened = PatientAccess.objects.filter(user=user).live(now).to_visits()
    rows: AppointmentQuerySet = Appointment.objects.visits()
    return rows.filter(patient__in=opened.order_by().values("patient"))
