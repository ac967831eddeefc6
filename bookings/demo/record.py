"""Write the demo's visits with their past, as if each step had been taken at its hour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count

import pgtrigger

from bookings.demo.sent_messages import mark_sent
from bookings.demo.story import Step
from bookings.demo.trail import date_the_trail, done_by
from bookings.demo.visits import Visit
from bookings.messages.models import Message
from bookings.messages.planning import visit_messages
from bookings.visits.models import Appointment
from clinic.core.models import ClinicSettings

CHANGED = ["status", "version", "arrived_at", "cancelled_at", "was_cancelled_late"]


def record(visits: Sequence[Visit], now: datetime) -> None:
    """Save the visits and replay what happened to each, up to `now`. Nothing is left due."""
    _book(visits)
    clinic = ClinicSettings.load()
    told = [(visit, visit_messages.plan_booked(visit.appointment, visit.story.booked_at)) for visit in visits]
    mark_sent((row for visit, rows in told for row in _due(rows, visit.story.cancelled_at or now)), clinic)
    for number in count():
        steps = [(visit, visit.story.steps[number]) for visit in visits if len(visit.story.steps) > number]
        if not steps:
            break
        _take(steps)
    told = [(visit, _cancel(visit)) for visit in visits]
    mark_sent((row for _visit, rows in told for row in _due(rows, now)), clinic)
    date_the_trail(visits)


def _cancel(visit: Visit) -> list[Message]:
    if at := visit.story.cancelled_at:
        return visit_messages.plan_cancelled(visit.appointment, at, by_staff=visit.story.steps[-1].by_staff)
    return []


def _due(rows: Iterable[Message], until: datetime) -> list[Message]:
    return [row for row in rows if row.due_at <= until]


def _book(visits: Sequence[Visit]) -> None:
    rows = [visit.appointment for visit in visits]
    for row in rows:
        row.seal_link()
    for is_desk in (True, False):
        with done_by(is_staff=is_desk):
            Appointment.objects.bulk_create(row for row in rows if (row.source == Appointment.Source.DESK) == is_desk)
    for visit in visits:
        visit.appointment.created_at = visit.story.booked_at
    with pgtrigger.ignore():  # auto_now_add knows the seed's own hour only; that is no event of the visit
        Appointment.objects.bulk_update(rows, ["created_at"])


def _take(steps: Iterable[tuple[Visit, Step]]) -> None:
    for is_staff in (True, False):
        changed = [visit.appointment for visit, step in steps if step.by_staff == is_staff]
        for visit, step in steps:
            for name, value in step.values.items():
                setattr(visit.appointment, name, value)
        with done_by(is_staff=is_staff):
            Appointment.objects.bulk_update(changed, CHANGED)
