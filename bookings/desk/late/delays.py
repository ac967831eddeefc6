"""Whose visits start later because a practitioner runs late just now, and what can be said to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bookings.desk.now_next import NowNext, now_next
from bookings.desk.ripple import whole_minute
from bookings.messages.planning.lateness import is_told, last_told, way_to_tell
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import UPCOMING, Status
from clinic.core import clock


class Tell(StrEnum):
    """What there is to do for one patient."""

    SEND = "send"
    TOLD = "told"
    RING = "ring"
    HERE = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A visit of someone who is to come, or waits, and about when it starts."""

    visit: Appointment
    about: datetime

    @property
    def tell(self) -> Tell:
        if self.visit.status not in UPCOMING:
            return Tell.HERE
        if is_told(self.visit, self.about):
            return Tell.TOLD
        return Tell.SEND if self.visit.patient and way_to_tell(self.visit.patient) else Tell.RING


def late_visits(practitioner: int, now: datetime) -> list[Late]:
    """The visits of today that start later than planned, in order; by one statement."""
    rows = (
        Appointment.objects.with_details()
        .annotate(told_about=last_told())
        .in_span(*clock.day_bounds(clock.today(now)))
        .filter(practitioner=practitioner, patient__isnull=False)
        .exclude(status__in=(Status.EXPIRED, Status.CANCELLED))
    )
    visits = list(rows)
    return late_of(now_next(appointments=visits, breaks=[], now=now), visits, now)


def late_of(state: NowNext, visits: list[Appointment], now: datetime) -> list[Late]:
    """Of a day that was read already. Whoever is awaited at this very moment is late by themselves, and not told."""
    known = {visit.pk: visit for visit in visits}
    delays = (one for one in state.delays.values() if one.starts_at > now)
    return [Late(visit=known[one.key], about=whole_minute(one.starts_at)) for one in delays]
