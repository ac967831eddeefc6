"""What is told to whom and when: rows of the message queue, written in the booking's own transaction.

A message about a visit expires when that visit begins, so `expires_at` also says which time the message tells of.
The loop that sends them is `delivery`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models.functions import Lower

from bookings.domain.reminders import REMINDERS, ReminderRule, reminder_due
from bookings.models import Appointment, Message
from clinic.patients.models import Patient

Kind, Channel, State = Message.Kind, Message.Channel, Message.State
STAFF_DELAY = timedelta(minutes=3)  # time in which an undo costs nothing
LINKS_EVERY = timedelta(minutes=5)
LINKS_LAST = timedelta(hours=1)
TELLS_THE_TIME = (Kind.CONFIRMATION, Kind.MOVED)
TOLD = (State.SENT, State.UNKNOWN, State.LEASED)


def plan_booked(appointment: Appointment, now: datetime) -> list[Message]:
    """A confirmation by e-mail at once, and the reminders the patient wants."""
    return _plan([*_notices(appointment, Kind.CONFIRMATION, now, now, [Channel.EMAIL]), *_reminders(appointment, now)])


def plan_moved(appointment: Appointment, now: datetime, by_staff: bool = False) -> list[Message]:  # noqa: FBT001, FBT002 -- contract
    """Withdraw what told of the former time and tell the new one; nothing is told if the patient knows it already."""
    history = _history(appointment)
    withdraw(appointment)
    notices: list[Message] = []
    if not (by_staff and _knows(appointment, history)):
        never_confirmed = any(kind == Kind.CONFIRMATION and state == State.PLANNED for kind, state, _version in history)
        kind = Kind.CONFIRMATION if never_confirmed else Kind.MOVED
        channels = _channels(appointment) if by_staff and kind == Kind.MOVED else [Channel.EMAIL]
        notices = _notices(appointment, kind, now, _notice_due(now, by_staff=by_staff), channels)
    return _plan([*notices, *_reminders(appointment, now)])


def plan_cancelled(appointment: Appointment, now: datetime, by_staff: bool = False) -> list[Message]:  # noqa: FBT001, FBT002 -- contract
    """Withdraw everything planned and say that the visit is off. A visit that has begun is not written about."""
    withdraw(appointment)
    channels = _channels(appointment) if by_staff else [Channel.EMAIL]
    return _plan(_notices(appointment, Kind.CANCELLED, now, _notice_due(now, by_staff=by_staff), channels))


def plan_restored(appointment: Appointment, now: datetime) -> list[Message]:
    """A cancelled visit stands again: withdraw an unsent cancellation, or confirm anew if it went out."""
    was_told = appointment.messages.filter(kind=Kind.CANCELLED, state__in=TOLD, started_at__isnull=False).exists()
    withdraw(appointment)
    notices = _notices(appointment, Kind.CONFIRMATION, now, now, [Channel.EMAIL]) if was_told else []
    rows = [*notices, *_reminders(appointment, now)]
    keys = [row.key for row in rows]
    Message.objects.filter(key__in=keys, state=State.WITHDRAWN, started_at=None).delete()
    taken = set(Message.objects.filter(key__in=keys).values_list("key", flat=True))
    return _plan(row for row in rows if row.key not in taken)


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
    """What `message` was to say, by a way the patient still wants; None if that is planned or said already."""
    appointment = message.appointment
    if appointment is None:
        return None
    wanted = _channels(appointment)
    others = appointment.messages.filter(kind=message.kind, expires_at=message.expires_at, channel__in=wanted)
    if others.exclude(state=State.WITHDRAWN).exists():
        return None
    rule = next((rule for rule in REMINDERS if rule.channel in wanted), None)
    if message.kind == Kind.REMINDER and rule:
        due_at = max(now, appointment.starts_at - timedelta(hours=rule.hours_before))
        row = _row(appointment, message.kind, rule.channel, f"{rule.label}-instead", due_at)
    else:
        row = _row(appointment, message.kind, wanted[0], f"{message.kind}-instead", now)
    return Message.objects.get_or_create(key=row.key, defaults=_values(row))[0]


def withdraw(appointment: Appointment) -> int:
    """Take back every message about a visit that is not on its way yet; gives how many."""
    return appointment.messages.unsent().update(state=State.WITHDRAWN, lease_until=None)


def address_of(patient: Patient, channel: str) -> str:
    """Where a message by this channel reaches the patient today: an e-mail address or an E.164 number."""
    return patient.email if channel == Channel.EMAIL else patient.phone.as_e164


def wants(patient: Patient, channel: str) -> bool:
    return patient.contact_by in {channel, Patient.Channel.BOTH}


def _channels(appointment: Appointment) -> list[str]:
    patient = appointment.patient
    return [channel for channel in Channel.values if patient is not None and wants(patient, channel)]


def _notice_due(now: datetime, *, by_staff: bool) -> datetime:
    return now + STAFF_DELAY if by_staff else now


def _notices(
    appointment: Appointment, kind: str, now: datetime, due_at: datetime, channels: Iterable[str]
) -> list[Message]:
    if appointment.starts_at <= now:
        return []
    due_at = due_at if due_at < appointment.starts_at else now
    return [_row(appointment, kind, channel, kind, due_at) for channel in channels]


def _reminders(appointment: Appointment, now: datetime) -> list[Message]:
    wanted = _channels(appointment)

    def due(rule: ReminderRule) -> datetime | None:
        return reminder_due(rule, starts_at=appointment.starts_at, now=now) if rule.channel in wanted else None

    return [
        _row(appointment, Kind.REMINDER, rule.channel, rule.label, due_at)
        for rule in REMINDERS
        if (due_at := due(rule)) is not None
    ]


def _row(appointment: Appointment, kind: str, channel: str, label: str, due_at: datetime) -> Message:
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
        expires_at=appointment.starts_at,
    )


def _values(row: Message) -> dict[str, object]:
    names = (
        "kind", "channel", "appointment", "appointment_version", "patient", "recipient", "due_at", "expires_at",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}


def _plan(rows: Iterable[Message]) -> list[Message]:
    return Message.objects.bulk_create(list(rows))


History = list[tuple[str, str, int]]


def _history(appointment: Appointment) -> History:
    """Kind, state and version of everything that told, or was to tell, when this visit is; oldest first."""
    rows = appointment.messages.filter(kind__in=TELLS_THE_TIME).order_by("appointment_version", "created_at")
    return [
        (kind, state, version or 0) for kind, state, version in rows.values_list("kind", "state", "appointment_version")
    ]


def _knows(appointment: Appointment, history: History) -> bool:
    """Whether staff moved a visit back to the very time, place and person the patient was last told of."""
    told = [version for _kind, state, version in history if state in TOLD]
    untold = [version for _kind, state, version in history if state == State.PLANNED]
    if not untold:
        return False
    known = max(told) if told else min(version for _kind, _state, version in history) - 1
    events = appointment.events  # type: ignore[attr-defined]  # made by pghistory
    before = events.filter(version=known).order_by("-pgh_id").first()
    return bool(
        before
        and before.during == appointment.during
        and before.practitioner_id == appointment.practitioner_id
        and before.location_id == appointment.location_id
    )
