"""The rest of a course that a first visit begins: when it is due, and its booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings.engine.availability.nearest import near_each
from bookings.engine.consultations import may_start
from bookings.engine.eligibility import details_of
from bookings.engine.idempotency import once_after
from bookings.engine.series.together import book_series
from bookings.visits.models import Appointment
from bookings.visits.policy import policy_for
from bookings.visits.refusals import NotBookable
from bookings.visits.slot import Slot
from clinic.core import clock


@dataclass(frozen=True, slots=True)
class Suggestion:
    """When visit `number` of a course is due, and a free time on each day around it."""

    number: int
    due_at: datetime
    slots: list[Slot]

    @property
    def nearest(self) -> Slot | None:
        return min(self.slots, key=lambda slot: abs(slot.starts_at - self.due_at), default=None)


def suggest_course(first: Appointment, now: datetime) -> list[Suggestion]:
    """Times for each further visit of the course that `first` begins, with the same practitioner, at its interval."""
    treatment, policy = first.treatment, policy_for(first.treatment)
    step = timedelta(days=treatment.course_interval_days)
    targets = [_days_later(first.starts_at, step * number) for number in range(1, treatment.course_visits)]
    within = [target for target in targets if now < target < now + policy.horizon]
    if not within:
        return []
    found = near_each(
        treatment=treatment,
        targets=within,
        now=now,
        practitioner=first.practitioner,
        patient=first.patient,
        reach=min(timedelta(days=7), step / 2),
        policy=policy,
    )
    may = may_start(first.patient, treatment, policy)
    return [Suggestion(targets.index(target) + 2, target, list(filter(may, found[target]))) for target in within]


def book_course(first: Appointment, starts: list[datetime], now: datetime) -> list[Appointment]:
    """Book the rest of the course that `first` begins, for its patient. Once booked, the same visits are given again.

    Raises:
        NotBookable: the visit has no patient or is off. And what `book_series` raises.
    """
    if first.patient is None or not first.leads_on:
        raise NotBookable("There is no course to book for this visit.")
    once = once_after(first, first.treatment)
    if already := course_of(first):
        return already
    return book_series(
        treatment=first.treatment,
        practitioner=first.practitioner,
        starts=starts,
        details=details_of(first.patient, is_proved=not first.is_unproven),
        now=now,
        follows=first,
        idempotency=once,
    )


def course_of(first: Appointment) -> list[Appointment]:
    """The further visits that were booked as one course with `first`, by time."""
    return list(first.follow_ups.standing().filter(treatment=first.treatment_id).order_by("during"))


def _days_later(moment: datetime, days: timedelta) -> datetime:
    """The same time on the clinic's wall clock, some days later."""
    local = clock.local(moment).replace(tzinfo=None) + days
    return local.replace(tzinfo=clock.LONDON)
