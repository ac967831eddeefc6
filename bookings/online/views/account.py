"""The record and the visits of whoever has signed in."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.db.models.functions import Lower

from bookings.visits.models import Appointment
from bookings.visits.models.appointment import AppointmentQuerySet
from clinic.accounts.models import User
from clinic.patients.models import Patient, PatientQuerySet


def patients_of(user: User) -> PatientQuerySet:
    """The record that signs in as `user`, and those that carry an address they have proved is theirs."""
    proved = EmailAddress.objects.filter(user=user, verified=True).values_list(Lower("email"), flat=True)
    theirs = Q(user=user) | Q(user=None, address__in=list(proved))
    rows: PatientQuerySet = Patient.objects.alias(address=Lower("email")).filter(theirs)
    return rows


def visits_of(user: User) -> AppointmentQuerySet:
    """Visits of the patient who signs in as `user`, and of records that carry an address they have proved is theirs.

    An address that is not verified opens nothing: anyone could sign up with it.
    """
    proved = EmailAddress.objects.filter(user=user, verified=True).values_list(Lower("email"), flat=True)
    theirs = Q(patient__user=user) | Q(patient__user=None, address__in=list(proved))
    rows: AppointmentQuerySet = Appointment.objects.visits()
    return rows.annotate(address=Lower("patient__email")).filter(theirs)
