"""Rows of the message queue about a visit, where they reach its patient, and notices that staff get once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bookings.messages.models import Message
from bookings.visits.models import Appointment
from clinic.patients.models import Patient

Channel = Message.Channel


def address_of(patient: Patient, channel: str) -> str:
    """Where a message by this channel reaches the patient today: an e-mail address or an E.164 number."""
    return patient.email if channel == Channel.EMAIL else str(patient.phone)


def wants(patient: Patient, channel: str) -> bool:
    """Whether reminders go this way: as the patient chose, or, where that does not reach them, as does."""
    return channel in patient.told_by


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


def write(rows: Iterable[Message]) -> list[Message]:
    """Put them in the queue, in the transaction of whatever they tell of."""
    return Message.objects.bulk_create(list(rows))


def tell_staff_once(addresses: Mapping[str, str], now: datetime, *, expires_at: datetime) -> list[Message]:
    """Put a notice to staff in the queue for each key that has none yet, to the e-mail address it stands for."""
    told = set(Message.objects.filter(key__in=addresses).values_list("key", flat=True))
    rows = [
        Message(
            key=key,
            kind=Message.Kind.STAFF_NOTICE,
            channel=Channel.EMAIL,
            recipient=address,
            due_at=now,
            expires_at=expires_at,
        )
        for key, address in addresses.items()
        if key not in told
    ]
    return Message.objects.bulk_create(rows, ignore_conflicts=True)
