"""What the desk asks while someone stands in front of it: free times at no notice."""

from __future__ import annotations

from datetime import date, datetime, time

from bookings.engine.availability.free_times import free_slots
from bookings.engine.availability.open_days import DayCount, open_days
from bookings.visits.models import Appointment
from bookings.visits.policy import policy_for
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner


def times_on(
    *,
    treatment: Treatment,
    day: date,
    now: datetime,
    practitioner: Practitioner | None = None,
    ignoring: Appointment | None = None,
) -> list[Slot]:
    """Free times of the local `day`, from `now` on, with no notice and no horizon. One for each start."""
    slots = free_slots(
        treatment=treatment,
        first_day=day,
        last_day=day,
        now=now,
        practitioner=practitioner,
        ignoring=ignoring,
        policy=policy_for(treatment).at_the_desk().however_far(),
    )
    by_start = {slot.starts_at: slot for slot in reversed(slots)}
    return [by_start[starts_at] for starts_at in sorted(by_start)]


def days_with_times(
    *,
    treatment: Treatment,
    now: datetime,
    practitioner: Practitioner | None,
    ignoring: Appointment | None,
    limit: int = 10,
) -> list[DayCount]:
    """The next local days with a free time for staff."""
    return open_days(
        treatment=treatment,
        now=now,
        practitioner=practitioner,
        ignoring=ignoring,
        limit=limit,
        policy=policy_for(treatment).at_the_desk(),
    )


def moment(day: date, at: time) -> datetime | None:
    """The moment at which the clinic's wall clock shows `at`; none in the hour that the clocks leave out."""
    return None if clock.is_left_out(day, at) else datetime.combine(day, at, tzinfo=clock.LONDON)
