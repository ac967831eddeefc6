"""Visits to come, and what can be done about each online."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.appointment import AppointmentQuerySet
from bookings.visits.models.statuses import ACTIVE, Status
from bookings.visits.policy import may_cancel, moves_until

STANDING = tuple(set(ACTIVE) - {Status.HELD})


@dataclass(frozen=True, slots=True)
class Coming:
    """A visit that is to come or going on, and what can be done about it online.

    `course_left` counts the visits of its course that are not booked yet; 0 where there is none to book.
    """

    visit: Appointment
    may_move: bool
    may_cancel: bool
    course_left: int


def coming_of(visits: AppointmentQuerySet, now: datetime) -> list[Coming]:
    settings = BookingSettings.load()
    more = Appointment.objects.filter(follows=OuterRef("pk"), treatment=OuterRef("treatment"), status__in=STANDING)
    found = []
    for visit in visits.annotate(is_course_begun=Exists(more)):
        is_open = may_cancel(visit, now)
        can_move = is_open and moves_until(visit, now, settings) is not None
        found.append(Coming(visit, can_move, is_open, _course_left(visit)))
    return found


def _course_left(visit: Any) -> int:
    begins = visit.treatment.course_visits > 1 and visit.follows_id is None
    can_book = begins and not visit.is_course_begun and visit.is_upcoming and visit.books_on
    return visit.treatment.course_visits - 1 if can_book else 0
