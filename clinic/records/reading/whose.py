"""Whose record a member of staff may open: their own patients', and another's for a reason that somebody looks into.

Own: a visit with them, past or within the next thirty days. The owner of the clinic may let practitioners share. A record
of limited use opens for a reason alone. Who holds the right at all: `clinic.accounts.rights`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from bookings.visits.access import limited, without_limited
from bookings.visits.models import Appointment, BookingSettings
from clinic.accounts.models import User
from clinic.accounts.rights import Right, may
from clinic.patients.models import Patient
from clinic.records.reading.models import BreakGlass, Purpose

AHEAD = timedelta(days=30)


def records_of(patient: Patient) -> QuerySet[Patient]:
    """The record of a patient and those that were merged into it."""
    return Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient.pk))


def purpose_of(reader: User, patient: Patient, now: datetime) -> Purpose | None:
    """Why `reader` may open this record now; None where they may not."""
    if may(reader, Right.READ_RECORDS) and (is_own(reader, patient, now) or _is_shared(reader, patient)):
        return Purpose.CARE
    if may(reader, Right.BREAK_GLASS) and live_glass(reader, patient, now) is not None:
        return Purpose.BREAK_GLASS
    return None


def is_own(reader: User, patient: Patient, now: datetime) -> bool:
    visits = without_limited(Appointment.objects.visits(), reader)
    theirs = visits.filter(practitioner__user=reader.pk, patient__in=records_of(patient).values("pk"))
    return theirs.filter(during__startswith__lt=now + AHEAD).exists()


def live_glass(reader: User, patient: Patient, now: datetime) -> BreakGlass | None:
    """The opening for a reason that still lasts, if there is one."""
    whose = records_of(patient).values("pk")
    return BreakGlass.objects.filter(user=reader, patient__in=whose, until__gt=now).order_by("-until").first()


def _is_shared(reader: User, patient: Patient) -> bool:
    if not BookingSettings.load().practitioners_share_visits:
        return False
    return may(reader, Right.ANSWER_DATA_REQUESTS) or not limited(patient=patient.pk).exists()
