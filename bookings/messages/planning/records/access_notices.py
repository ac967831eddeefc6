"""Plan the letter to a record's address when an account is joined to it, and the one to staff when that is disputed."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.messages.models import Message
from clinic.core.models import ClinicSettings
from clinic.patients.models import JoinNotice, PatientAccess

LASTS = timedelta(days=30)
_ACCESS = "access:"
_DISPUTED = "disputed"


def plan_joined(access: PatientAccess, now: datetime) -> Message | None:
    """Tell the record's own address, as it is at this moment; once for each access, and nothing where there is none."""
    patient = access.patient
    if not patient.email:
        return None
    _, is_new = JoinNotice.objects.get_or_create(access=access)
    if not is_new:
        return None
    return Message.objects.create(
        key=f"{_ACCESS}{access.pk}:joined:{Message.Channel.EMAIL}",
        kind=Message.Kind.JOINED,
        channel=Message.Channel.EMAIL,
        patient=patient,
        recipient=patient.email,
        due_at=now,
        expires_at=now + LASTS,
    )


def plan_disputed(notice: JoinNotice, now: datetime) -> Message | None:
    """Tell the clinic, if it has an address, that a patient does not know the account."""
    address = ClinicSettings.load().email
    if not address:
        return None
    return Message.objects.create(
        key=f"{_ACCESS}{notice.access_id}:{_DISPUTED}:{Message.Channel.EMAIL}",
        kind=Message.Kind.STAFF_NOTICE,
        channel=Message.Channel.EMAIL,
        recipient=address,
        due_at=now,
        expires_at=now + LASTS,
    )


def is_theirs(message: Message) -> bool:
    return message.key.startswith(_ACCESS)


def notice_of(message: Message) -> JoinNotice | None:
    """What the message tells of; None if the access or its record was deleted."""
    access = int(message.key.split(":")[1])
    return JoinNotice.objects.select_related("access__patient").filter(access=access).first()


def why_untrue(message: Message) -> str:
    """Why staff need not hear of it any more; empty while it is to be looked into."""
    notice = notice_of(message)
    return "" if notice and notice.needs_look else "It has been dealt with."
