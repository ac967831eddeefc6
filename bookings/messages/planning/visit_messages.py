"""What is told to whom and when: rows of the message queue, written in the booking's own transaction.

A message about a coming visit expires when that visit begins, so `expires_at` also says which time it tells of.
What follows a visit is planned in `aftercare`, what staff are told in `staff_notices`; `delivery.loop` sends them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, Value

from bookings.messages.models import Message, MessageRule
from bookings.messages.planning import staff_notices
from bookings.messages.planning.due_times import Rule, reminder_due
from bookings.messages.planning.rows import row_of, write
from bookings.messages.planning.what_was_told import TELLS_THE_TIME, history_of, knows_it, told, was_last_told
from bookings.visits.models import Appointment

Kind, State = Message.Kind, Message.State
STAFF_DELAY = timedelta(minutes=3)  # time in which an undo costs nothing
ABOUT_COMING = (*TELLS_THE_TIME, Kind.CANCELLED, Kind.REMINDER)


def active_rules() -> list[Rule]:
    """What the owner has set to go out around a visit, in one statement; the longest before or after comes first."""
    treatments = ArrayAgg("treatments", filter=Q(treatments__isnull=False), default=Value([]))
    rows = (
        MessageRule.objects.active()
        .annotate(only_for=treatments)
        .order_by("-hours", "channel", "kind")
        .values_list("kind", "channel", "hours", "asks_to_confirm", "only_for")
    )
    return [
        Rule(kind=kind, channel=channel, hours=hours, asks_to_confirm=asks, only_for=frozenset(only_for))
        for kind, channel, hours, asks, only_for in rows
    ]


def plan_booked(
    appointment: Appointment, now: datetime, *, rules: Sequence[Rule] | None = None, tells_staff: bool = False
) -> list[Message]:
    """A confirmation at once, and the reminders the patient wants; the staff's notice if it came online."""
    rows = _notices(appointment, Kind.CONFIRMATION, now, now, _answers_by(appointment))
    if tells_staff:
        rows += staff_notices.of_change(appointment, staff_notices.BOOKED, now)
    return write([*rows, *_reminders(appointment, now, rules)])


def plan_moved(appointment: Appointment, now: datetime, by_staff: bool = False) -> list[Message]:  # noqa: FBT001, FBT002 -- contract
    """Withdraw what told of the former time and tell the new one; nothing is told if the patient knows it already."""
    history = history_of(appointment)
    withdraw(appointment)
    rows: list[Message] = [] if by_staff else staff_notices.of_change(appointment, staff_notices.MOVED, now)
    if not (by_staff and knows_it(appointment, history)):
        never_confirmed = any(kind == Kind.CONFIRMATION and state == State.PLANNED for kind, state, _version in history)
        kind = Kind.CONFIRMATION if never_confirmed else Kind.MOVED
        channels = _channels(appointment) if by_staff and kind == Kind.MOVED else _answers_by(appointment)
        rows += _notices(appointment, kind, now, _notice_due(now, by_staff=by_staff), channels)
    return write([*rows, *_reminders(appointment, now)])


def plan_cancelled(appointment: Appointment, now: datetime, by_staff: bool = False) -> list[Message]:  # noqa: FBT001, FBT002 -- contract
    """Withdraw everything planned and say that the visit is off. A visit that has begun is not written about."""
    withdraw(appointment)
    channels = _channels(appointment) if by_staff else _answers_by(appointment)
    rows: list[Message] = [] if by_staff else staff_notices.of_change(appointment, staff_notices.CANCELLED, now)
    return write([*rows, *_notices(appointment, Kind.CANCELLED, now, _notice_due(now, by_staff=by_staff), channels)])


def plan_restored(appointment: Appointment, now: datetime) -> list[Message]:
    """A cancelled visit stands again: withdraw a cancellation not sent yet; confirm it if the patient last heard else."""
    withdraw(appointment)
    history = history_of(appointment)
    was_to_be_told = any(kind in TELLS_THE_TIME for kind, _state, _version in history)
    knows = was_last_told(appointment, history) if told(history) else not was_to_be_told
    rows = [] if knows else _notices(appointment, Kind.CONFIRMATION, now, now, _answers_by(appointment))
    return write([*rows, *_reminders(appointment, now)])


def plan_cancelled_again(appointment: Appointment, now: datetime) -> list[Message]:
    """Staff took back that a visit stands again: say that it is off, unless that is what the patient last heard."""
    heard = told(history_of(appointment))
    if heard and heard[-1][0] == Kind.CANCELLED:
        withdraw(appointment)
        return []
    return plan_cancelled(appointment, now, by_staff=True)


def plan_instead(message: Message, now: datetime) -> Message | None:
    """What `message` was to say of a coming visit, by a way the patient still wants; None if that is planned or said."""
    appointment = message.appointment
    if appointment is None or message.kind not in ABOUT_COMING:
        return None
    wanted = _channels(appointment)
    if not wanted:
        return None
    others = appointment.messages.filter(kind=message.kind, expires_at=message.expires_at, channel__in=wanted)
    if others.exclude(state=State.WITHDRAWN).exists():
        return None
    rules = _reminder_rules(appointment) if message.kind == Kind.REMINDER else []
    if rule := next((rule for rule in rules if rule.channel in wanted), None):
        due_at = max(now, appointment.starts_at - rule.lead)
        row = row_of(appointment, message.kind, rule.channel, f"{rule.label}-instead", due_at)
        row.asks_to_confirm = rule.asks_to_confirm
    else:
        row = row_of(appointment, message.kind, wanted[0], f"{message.kind}-instead", now)
    changed_back = Message.objects.filter(key=row.key, state=State.WITHDRAWN, started_at=None)
    changed_back.delete()
    return Message.objects.get_or_create(key=row.key, defaults=_values(row))[0]


def withdraw(appointment: Appointment) -> int:
    """Take back every message about a visit that is not on its way yet; gives how many."""
    return appointment.messages.unsent().update(state=State.WITHDRAWN, lease_until=None)


def _channels(appointment: Appointment) -> list[str]:
    return appointment.patient.told_by if appointment.patient else []


def _answers_by(appointment: Appointment) -> list[str]:
    """How what the patient has just done is answered: by e-mail, or by text to someone without an address."""
    return appointment.patient.reached_by[:1] if appointment.patient else []


def _notice_due(now: datetime, *, by_staff: bool) -> datetime:
    return now + STAFF_DELAY if by_staff else now


def _notices(
    appointment: Appointment, kind: str, now: datetime, due_at: datetime, channels: Iterable[str]
) -> list[Message]:
    if appointment.starts_at <= now:
        return []
    due_at = due_at if due_at < appointment.starts_at else now
    return [row_of(appointment, kind, channel, kind, due_at) for channel in channels]


def _reminders(appointment: Appointment, now: datetime, rules: Sequence[Rule] | None = None) -> list[Message]:
    wanted = _channels(appointment)
    rows = []
    for rule in _reminder_rules(appointment, rules):
        due_at = reminder_due(rule, starts_at=appointment.starts_at, now=now) if rule.channel in wanted else None
        if due_at:
            row = row_of(appointment, Kind.REMINDER, rule.channel, rule.label, due_at)
            row.asks_to_confirm = rule.asks_to_confirm
            rows.append(row)
    return rows


def _reminder_rules(appointment: Appointment, rules: Sequence[Rule] | None = None) -> list[Rule]:
    known = active_rules() if rules is None else rules
    return [rule for rule in known if rule.kind == Kind.REMINDER and rule.is_about(appointment.treatment_id)]


def _values(row: Message) -> dict[str, object]:
    names = (
        "kind", "channel", "appointment", "appointment_version", "asks_to_confirm", "patient", "recipient", "due_at",
        "expires_at",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}
