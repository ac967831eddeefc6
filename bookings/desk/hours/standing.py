"""The weekly hours of a practitioner as they stand, for the boxes of a form to begin with."""

from __future__ import annotations

from datetime import date, timedelta

from bookings.timetable.edits import WeekStretch
from bookings.timetable.models import Location, WorkingHours
from bookings.timetable.weeks import monday_of
from clinic.practitioners.models import Practitioner


def places_of(practitioner: Practitioner) -> list[Location]:
    """Where hours may be: locations in use, the practitioner's usual one first."""
    usual = WorkingHours.objects.filter(practitioner=practitioner).values_list("location", flat=True).first()
    return sorted(Location.objects.filter(is_active=True), key=lambda place: place.pk != usual)


def hours_from(practitioner: Practitioner, day: date) -> list[WorkingHours]:
    """The weekly hours that hold on `day` or later."""
    rows = WorkingHours.objects.filter(practitioner=practitioner).exclude(valid_until__lt=day)
    return list(rows.order_by("weekday", "starts_at"))


def week_holding(practitioner: Practitioner, day: date) -> list[WeekStretch]:
    """The hours of the week in which `day` lies."""
    monday = monday_of(day)
    return [
        WeekStretch(row.weekday, row.starts_at, row.ends_at, row.location_id)
        for row in WorkingHours.objects.filter(practitioner=practitioner)
        if row.weeks.holds_on(monday + timedelta(days=row.weekday - 1))
    ]
