"""Coming visits that cannot take place as they stand: somebody has to find them another time."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Case, CharField, Exists, Func, IntegerField, OuterRef, Q, Subquery, Value, When
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
    coming = (Appointment.objects.all() if visits is None else visits).upcoming(now).with_details()
    reasons = [When(condition, then=Value(why)) for condition, why in _reasons()]
    why = Case(*reasons, default=Value(""), output_field=CharField())
    return coming.annotate(why=why).exclude(why="").order_by("during", "pk")


def number_unsettled(now: datetime, visits: AppointmentQuerySet) -> Subquery:
    """How many of these visits `unsettled` would list, as an expression for the statement of something else."""
    condition = reduce(or_, (condition for condition, _ in _reasons()))
    found = visits.upcoming(now).filter(condition).order_by()
    return Subquery(found.annotate(number=Func("pk", function="COUNT")).values("number"), output_field=IntegerField())


def _reasons() -> list[tuple[Q, str]]:
    off = TimeOff.objects.filter(
        Q(practitioner=None) | Q(practitioner=OuterRef("practitioner")), during__overlap=OuterRef("during")
    )
    left_outside = ChangedVisit.objects.filter(
        appointment=OuterRef("pk"),
        action=ChangedVisit.Action.KEPT,
        change__kind=DiaryChange.Kind.HOURS,
        change__undone_at=None,
    )
    return [
        (Q(Exists(off)), "Under time off"),
        (Q(practitioner__live=False), "The practitioner has left"),
        (Q(location__is_active=False), "The location is closed"),
        (Q(room__is_active=False), "The room is out of use"),
        (Q(device__is_active=False), "The device is out of use"),
        (Exists(left_outside) & Q(Exact(COVERED, Value(value=False))), "Outside the hours"),
    ]
