"""A day by room: who is in which, and when it is free. A read model: nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q

from bookings.desk.overview.filters import Filters
from bookings.timetable.models import Room
from bookings.visits.access import Reader, withhold_limited
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock


@dataclass(slots=True)
class RoomDay:
    """`room` is None for the visits that need none."""

    room: Room | None
    visits: list[Appointment] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """Taken by visits, without the time to clean."""
        return sum(visit.minutes for visit in self.visits if visit.status != Status.NO_SHOW)


def rooms_on(day: date, *, filters: Filters, now: datetime, reader: Reader | None = None) -> list[RoomDay]:
    """Each room in use, and any other that has a visit on the local `day`, by place and name. Three statements."""
    rows = list(
        filters.of(Appointment.objects.with_details().in_span(*clock.day_bounds(day)))
        .exclude(status=Status.EXPIRED)
        .exclude(status=Status.HELD, hold_expires_at__lte=now)
        .order_by("during", "pk")
    )
    withhold_limited(rows, reader)
    by_room: defaultdict[int | None, list[Appointment]] = defaultdict(list)
    for visit in rows:
        by_room[visit.room_id].append(visit)
    rooms = Room.objects.filter(Q(is_active=True) | Q(pk__in=[pk for pk in by_room if pk])).select_related("location")
    if filters.location:
        rooms = rooms.filter(location=filters.location)
    found = [RoomDay(room, by_room[room.pk]) for room in rooms.order_by("location__name", "name", "pk")]
    return [*found, RoomDay(None, by_room[None])] if by_room[None] else found
