"""What is told to whom and when: rows of the message queue, written in the booking's own transaction.

A message about a coming visit expires when that visit begins, so `expires_at` also says which time it tells of.
What follows a visit is planned in `aftercare`, what staff are told in `staff_notices`; `delivery.loop` sends them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, Value
from django.db.models.functions import Lower

from bookings.messages.models import Message, MessageRule
from bookings.messages.planning import staff_notices
from bookings.messages.planning.due_times import Rule, reminder_due
from bookings.visits.models import Appointment
from clinic.patients.models import Patient

Kind, Channel, State = Message.Kind, Message.Channel, Message.State
STAFF_DELAY = timedelta(minutes=3)  # time in which an undo costs nothing
LINKS_EVERY = timedelta(minutes=5)
LINKS_LAST = timedelta(hours=1)
TELLS_THE_TIME = (Kind.CONFIRMATION, Kind.MOVED)
ABOUT_COMING = (*TELLS_THE_TIME, Kind.CANCELLED, Kind.REMINDER)
TOLD = (State.SENT, State.UNKNOWN, State.LEASED)


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
    history = _history(appointment)
    withdraw(appointment)
    rows: list[Message] = [] if by_staff else staff_notices.of_change(appointment, staff_notices.MOVED, now)
    if not (by_staff and _knows(appointment, history)):
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
    history = _history(appointment)
    was_to_be_told = any(kind in TELLS_THE_TIME for kind, _state, _version in history)
    knows = _was_last_told(appointment, history) if _told(history) else not was_to_be_told
    rows = [] if knows else _notices(appointment, Kind.CONFIRMATION, now, now, _answers_by(appointment))
    return write([*rows, *_reminders(appointment, now)])


def plan_links(email: str, now: datetime) -> Message | None:
    """Send an address the links of its coming visits; nothing if it has none, or asked a moment ago.

    The caller gives the same answer either way: who is a patient here is nobody's business.
    """
    address = email.strip().lower()
    patients = Patient.objects.alias(address=Lower("email")).filter(address=address)
    visit = Appointment.objects.upcoming(now).filter(patient__in=patients).select_related("patient").first()
    if visit is None or visit.patient is None:
        return None
    window = int(now.timestamp() // LINKS_EVERY.total_seconds())
    message, is_new = Message.objects.get_or_create(
        key=f"links:{sha256(address.encode()).hexdigest()[:24]}:{window}",
        defaults={
            "kind": Kind.LINKS,
            "channel": Channel.EMAIL,
            "patient": visit.patient,
            "recipient": visit.patient.email,
            "due_at": now,
            "expires_at": now + LINKS_LAST,
        },
    )
    return message if is_new else None


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


def address_of(patient: Patient, channel: str) -> str:
    """Where a message by this channel reaches the patient today: an e-mail address or an E.164 number."""
    return patient.email if channel == Channel.EMAIL else str(patient.phone)


def wants(patient: Patient, channel: str) -> bool:
    """Whether reminders go this way: as the patient chose, or, where that does not reach them, as does."""
    return channel in patient.told_by


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


def row_of(
    appointment: Appointment,
    kind: str,
    channel: str,
    label: str,
    due_at: datetime,
    *,
    expires_at: datetime | None = None,
) -> Message:
    """A message to the patient about this visit, not yet written down; of no use any more when the visit begins."""
    if appointment.patient is None:
        raise ValueError("A visit without a patient has nobody to write to.")
    return Message(
        key=f"visit:{appointment.pk}:v{appointment.version}:{label}:{channel}",
        kind=kind,
        channel=channel,
        appointment=appointment,
        appointment_version=appointment.version,
        patient=appointment.patient,
        recipient=address_of(appointment.patient, channel),
        due_at=due_at,
        expires_at=expires_at or appointment.starts_at,
    )


def _values(row: Message) -> dict[str, object]:
    names = (
        "kind", "channel", "appointment", "appointment_version", "asks_to_confirm", "patient", "recipient", "due_at",
        "expires_at",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}


def write(rows: Iterable[Message]) -> list[Message]:
    """Put them in the queue, in the transaction of whatever they tell of."""
    return Message.objects.bulk_create(list(rows))


History = list[tuple[str, str, int]]


def _history(appointment: Appointment) -> History:
    """Kind, state and version of all that told, or was to tell, when this visit is or that it is off; oldest first."""
    rows = appointment.messages.filter(kind__in=(*TELLS_THE_TIME, Kind.CANCELLED))
    found = rows.order_by("appointment_version", "created_at").values_list("kind", "state", "appointment_version")
    return [(kind, state, version or 0) for kind, state, version in found]


def _told(history: History) -> History:
    return [row for row in history if row[1] in TOLD]


def _knows(appointment: Appointment, history: History) -> bool:
    """Whether staff moved a visit back to the very time, place and person the patient was last told of."""
    if not any(kind in TELLS_THE_TIME and state == State.PLANNED for kind, state, _version in history):
        return False
    if _told(history):
        return _was_last_told(appointment, history)
    return _is_as_it_was(appointment, min(version for _kind, _state, version in history) - 1)


def _was_last_told(appointment: Appointment, history: History) -> bool:
    kind, _state, version = _told(history)[-1]
    return kind != Kind.CANCELLED and _is_as_it_was(appointment, version)


def _is_as_it_was(appointment: Appointment, version: int) -> bool:
    events = appointment.events  # type: ignore[attr-defined]  # made by pghistory
    before = events.filter(version=version).order_by("-pgh_id").first()
    return bool(
        before
        and before.during == appointment.during
        and before.practitioner_id == appointment.practitioner_id
        and before.location_id == appointment.location_id
    )
