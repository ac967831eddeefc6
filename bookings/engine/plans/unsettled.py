"""Coming visits that cannot take place as they stand: somebody has to find them another time."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When
from django.db.models.lookups import Exact

from bookings.engine.plans.rota_rows import COVERED
from bookings.timetable.models import TimeOff
from bookings.visits.models import Appointment, ChangedVisit, DiaryChange
from bookings.visits.models.appointment import AppointmentQuerySet


def unsettled(now: datetime, visits: AppointmentQuerySet | None = None) -> AppointmentQuerySet:
    """Those under time off, or whose practitioner, room, device or location is switched off; `why` says which.

    And those that were left outside when the hours changed, until they have another time or hours hold there again.
    Of all visits, or of these.
    """
    off = TimeOff.objects.filter(
        Q(practitioner=None) | Q(practitioner=OuterRef("practitioner")), during__overlap=OuterRef("during")
    )
    left_outside = ChangedVisit.objects.filter(
        appointment=OuterRef("pk"),
        action=ChangedVisit.Action.KEPT,
        change__kind=DiaryChange.Kind.HOURS,
        change__undone_at=None,
    )
    reasons = [
        When(Exists(off), then=Value("Under time off")),
        When(practitioner__live=False, then=Value("The practitioner has left")),
        When(location__is_active=False, then=Value("The location is closed")),
        When(room__is_active=False, then=Value("The room is out of use")),
        When(device__is_active=False, then=Value("The device is out of use")),
        When(Exists(left_outside) & Q(Exact(COVERED, Value(value=False))), then=Value("Outside the hours")),
    ]
    coming = (Appointment.objects.all() if visits is None else visits).upcoming(now).with_details()
    why = Case(*reasons, default=Value(""), output_field=CharField())
    return coming.annotate(why=why).exclude(why="").order_by("during", "pk")
