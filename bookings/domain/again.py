"""A message that failed, or may not have arrived, sent once more because someone of the clinic says so."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.domain.messages import address_of
from bookings.models import Message
from clinic.core.errors import DomainError

State = Message.State
MARK = ":again-"


class NotSentAgain(DomainError):
    code = "not_sent_again"


def may_send_again(message: Message, now: datetime) -> bool:
    """Whether it did not go out, or may not have, and would still be of use."""
    return message.state in {State.FAILED, State.UNKNOWN} and message.expires_at > now


def send_again(message: Message, now: datetime, *, did_not_arrive: bool = False) -> Message:
    """Plan it anew, to the address of today; gives the new row. What it says is checked again when it is sent.

    Args:
        did_not_arrive: someone asked the patient. Without it, what may have arrived is never repeated.

    Raises:
        NotSentAgain: it went out, is of no use any more, may have arrived, or was sent again already.
    """
    with transaction.atomic():
        row = Message.objects.select_for_update(of=("self",)).select_related("patient").get(pk=message.pk)
        if not may_send_again(row, now):
            raise NotSentAgain("This message went out, or is too late to be of use.")
        if row.state == State.UNKNOWN and not did_not_arrive:
            raise NotSentAgain("Tick that it did not arrive: otherwise it might arrive twice.")
        start = row.key.partition(MARK)[0] + MARK
        mine = [int(key.removeprefix(start)) for key in _keys(start)]
        if mine and not row.key.endswith(f"{MARK}{max(mine)}"):
            raise NotSentAgain("This message has been sent again already.")
        return Message.objects.create(
            key=f"{start}{max(mine, default=0) + 1}",
            kind=row.kind,
            channel=row.channel,
            appointment_id=row.appointment_id,
            appointment_version=row.appointment_version,
            asks_to_confirm=row.asks_to_confirm,
            offer_id=row.offer_id,
            patient=row.patient,
            recipient=_address(row),
            due_at=now,
            expires_at=row.expires_at,
        )


def _keys(start: str) -> list[str]:
    return list(Message.objects.filter(key__startswith=start).values_list("key", flat=True))


def _address(row: Message) -> str:
    is_to_patient = row.patient is not None and row.kind != Message.Kind.STAFF_NOTICE
    return address_of(row.patient, row.channel) if row.patient and is_to_patient else row.recipient
