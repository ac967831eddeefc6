"""Make a visit longer or shorter: its start and its status stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bookings.engine.availability.lengths import kept_minutes
from bookings.engine.locks import check_version, lock_visit
from bookings.engine.placement import release_overlapping_holds
from bookings.engine.transactions import in_transaction, lock_practitioners
from bookings.integrations import webhooks
from bookings.integrations.models import WebhookEndpoint
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import UPCOMING, Status
from bookings.visits.refusals import IllegalMove, NotBookable
from bookings.visits.slot import Slot

RESIZABLE = (*UPCOMING, Status.ARRIVED, Status.IN_PROGRESS)
SHORTEST, LONGEST = 5, 480  # minutes, as the table of visits has it


def can_be_resized(visit: Appointment) -> bool:
    return visit.status in RESIZABLE


def check_length(minutes: int) -> None:
    """
    Raises:
        NotBookable: shorter than 5 minutes or longer than 8 hours.
    """
    if not SHORTEST <= minutes <= LONGEST:
        raise NotBookable("A visit lasts between 5 minutes and 8 hours.")


def with_length(visit: Appointment, minutes: int) -> Appointment:
    """Set `during` and `occupied` for a visit of so many minutes, with the buffers that it has; nothing is saved."""
    after = visit.occupied.upper - visit.during.upper
    ends_at = visit.starts_at + timedelta(minutes=minutes)
    visit.during, visit.occupied = span(visit.starts_at, ends_at), span(visit.occupied.lower, ends_at + after)
    return visit


def as_long_as(visit: Appointment, slot: Slot) -> Slot:
    """Another time for the visit with the length that staff gave it, where that is not the usual one."""
    minutes = kept_minutes(visit)
    return replace(slot, ends_at=slot.starts_at + timedelta(minutes=minutes)) if minutes else slot


def resize(*, appointment: Appointment, minutes: int, now: datetime, version: int | None = None) -> Appointment:
    """Let a visit last `minutes`. The patient is told nothing: they come at the same time. Staff only. Idempotent.

    Raises:
        NotBookable: shorter than 5 minutes or longer than 8 hours. IllegalMove: over, missed or cancelled.
        SlotTaken: the practitioner, the room or the device is needed by the next visit. Stale: changed meanwhile.
    """
    check_length(minutes)

    def work() -> Appointment:
        lock_practitioners([appointment.practitioner_id])
        visit = lock_visit(appointment, None)
        if visit.minutes == minutes:
            return visit
        check_version(visit, version)
        if not can_be_resized(visit):
            raise IllegalMove("Only a visit that is to come or going on can be made longer or shorter.")
        with_length(visit, minutes).version += 1
        release_overlapping_holds(visit, now)
        visit.save(update_fields=["during", "occupied", "version"])
        webhooks.plan(visit, WebhookEndpoint.Event.MOVED, now)
        return visit

    return in_transaction(work, alternatives=list)
