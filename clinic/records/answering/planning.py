"""When patients are told of questions: 72 hours before the visit or at once; again 48 and 24 hours before, while open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from bookings.messages.models import Message
from bookings.messages.planning.due_times import outside_quiet_hours
from bookings.messages.planning.rows import row_of
from bookings.visits.models import Appointment
from clinic.records.answering.models import FormRequest

FIRST = timedelta(hours=72)
CHASES = (timedelta(hours=48), timedelta(hours=24))
Kind, State = Message.Kind, Message.State


def plan(now: datetime) -> list[Message]:
    """Put in the queue what is not there, for coming visits with open questions; run again it adds nothing."""
    with_open = FormRequest.objects.open().values("visit")
    visits = list(Appointment.objects.upcoming(now).filter(pk__in=with_open).select_related("patient"))
    rows = {row.key: row for visit in visits for row in _rows(visit, now)}
    known = set(Message.objects.filter(key__in=rows).values_list("key", flat=True))
    heard = _heard(visits)
    fresh = [row for key, row in rows.items() if key not in known and (row.appointment_id, row.kind) not in heard]
    return Message.objects.bulk_create(fresh, ignore_conflicts=True)


def _rows(visit: Appointment, now: datetime) -> Iterator[Message]:
    if visit.patient is None:
        return
    first = _due(visit, FIRST, now) or now
    for channel in visit.patient.told_by:
        yield row_of(visit, Kind.FORMS, channel, "forms", first)
        for lead in CHASES:
            due = _due(visit, lead, now)
            if due and due > first:
                hours = lead // timedelta(hours=1)
                yield row_of(visit, Kind.FORMS_CHASE, channel, f"forms-chase-{hours}h", due)


def _due(visit: Appointment, lead: timedelta, now: datetime) -> datetime | None:
    natural = visit.starts_at - lead
    due = outside_quiet_hours(natural, starts_at=visit.starts_at)
    return due if natural > now and due > now else None


def _heard(visits: Iterable[Appointment]) -> set[tuple[int | None, str]]:
    """Whom the first word has reached: who moves a visit is not told again."""
    rows = Message.objects.filter(appointment__in=list(visits), kind=Kind.FORMS, state=State.SENT)
    return {(pk, kind) for pk, kind in rows.values_list("appointment", "kind")}
