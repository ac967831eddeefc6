"""Write the demo's visits with their past: what was told to whom, and an audit trail that has it at its true hour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count

import pghistory
import pgtrigger
from django.apps import apps
from django.db.models import F

from bookings.demo.story import Step
from bookings.demo.visits import Visit
from bookings.messages.models import Message
from bookings.messages.planning import visit_messages
from bookings.messages.rendering import render, sms_text, without_secrets
from bookings.messages.wording.owner_words import Wordings, Words
from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.core.models import ClinicSettings
from clinic.sending import sms_length

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
    _date_the_trail(visits)


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
        with _by(is_staff=is_desk):
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
        with _by(is_staff=is_staff):
            Appointment.objects.bulk_update(changed, CHANGED)


def mark_sent(due: Iterable[Message], clinic: ClinicSettings) -> None:
    """Mark as sent at its hour, with the words that it had."""
    rows, wordings = list(due), Wordings()
    for row in rows:
        own = wordings.of(row, clinic, row.due_at)
        row.subject, row.body = _words(row, clinic, own)
        row.wording_id = own.wording_id if own else None
    Message.objects.bulk_update(rows, ["subject", "body", "wording"])
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Message.State.SENT, attempts=1, started_at=F("due_at"), sent_at=F("due_at")
    )


def _words(message: Message, clinic: ClinicSettings, own: Words | None) -> tuple[str, str]:
    if message.channel == Message.Channel.SMS:
        return "", without_secrets(sms_length.plain(own.text) if own else sms_text(message, clinic))
    letter = render(message, clinic, message.due_at, own)
    return letter.subject, without_secrets(letter.text)


def _date_the_trail(visits: Sequence[Visit]) -> None:
    """The triggers wrote each event with this transaction's hour; give it the hour at which it happened."""
    hours = {
        visit.appointment.pk: [visit.story.booked_at, *(step.at for step in visit.story.steps)] for visit in visits
    }
    events = apps.get_model("bookings", "AppointmentEvent")
    rows = list(events.objects.filter(pgh_obj__in=hours).order_by("-pgh_id"))
    for row in rows:
        row.pgh_created_at = hours[row.pgh_obj_id].pop()
        row.created_at = hours[row.pgh_obj_id][0] if hours[row.pgh_obj_id] else row.pgh_created_at
    events.objects.bulk_update(rows, ["pgh_created_at", "created_at"], batch_size=500)


def _by(*, is_staff: bool) -> pghistory.context:
    """Whose doing the audit trail says it was: the desk's, or the patient's."""
    desk = User.objects.filter(groups__name=Role.DESK).values_list("pk", flat=True).first() if is_staff else None
    return pghistory.context(user=desk) if desk else pghistory.context(url="/book/")
