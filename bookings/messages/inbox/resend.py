"""A message that failed, or may not have arrived, sent once more because someone of the clinic says so."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.messages.models import Message
from bookings.messages.planning.rows import address_of
from clinic.accounts.models import User
from clinic.core.errors import DomainError

State = Message.State
MARK = ":again-"


class NotSentAgain(DomainError):
    code = "not_sent_again"


def may_send_again(message: Message, now: datetime) -> bool:
    """Whether it did not go out, or may not have, nobody has dealt with it, and it would still be of use."""
    return _is_of_use(message, now) and message.settled_at is None


def send_again(message: Message, now: datetime, *, by: User, did_not_arrive: bool = False) -> Message:
    """Plan it anew, to the address of today; gives the new row. What it says is checked again when it is sent.

    The old row is dealt with by `by`: whether the new one goes out is the new one's matter.

    Args:
        did_not_arrive: someone asked the patient. Without it, what may have arrived is never repeated.

    Raises:
        NotSentAgain: it went out, is of no use any more, may have arrived, was sent again already, someone has
            dealt with it in another way, or there is nowhere to send it to.
    """
    with transaction.atomic():
        row = Message.objects.select_for_update(of=("self",)).select_related("patient").get(pk=message.pk)
        if not _is_of_use(row, now):
            raise NotSentAgain("This message went out, or is too late to be of use.")
        if row.state == State.UNKNOWN and not did_not_arrive:
            raise NotSentAgain("Tick that it did not arrive: otherwise it might arrive twice.")
        start = row.key.partition(MARK)[0] + MARK
        mine = [int(key.removeprefix(start)) for key in _keys(start)]
        if mine and not row.key.endswith(f"{MARK}{max(mine)}"):
            raise NotSentAgain("This message has been sent again already.")
        if row.settled_at:
            raise NotSentAgain("Someone has dealt with this message. To send it again, put it back on the list first.")
        if not (recipient := _address(row)):
            raise NotSentAgain("The patient has no address or number any more to send this to.")
        row.settled_at, row.settled_by = now, by
        row.save(update_fields=["settled_at", "settled_by"])
        return Message.objects.create(
            key=f"{start}{max(mine, default=0) + 1}",
            kind=row.kind,
            channel=row.channel,
            appointment_id=row.appointment_id,
            appointment_version=row.appointment_version,
            asks_to_confirm=row.asks_to_confirm,
            offer_id=row.offer_id,
            entry_id=row.entry_id,
            patient=row.patient,
            recipient=recipient,
            due_at=now,
            expires_at=row.expires_at,
        )


def _is_of_use(row: Message, now: datetime) -> bool:
    return row.state in {State.FAILED, State.UNKNOWN} and row.expires_at > now


def _keys(start: str) -> list[str]:
    return list(Message.objects.filter(key__startswith=start).values_list("key", flat=True))


def _address(row: Message) -> str:
    is_to_patient = row.patient is not None and row.kind != Message.Kind.STAFF_NOTICE
    return address_of(row.patient, row.channel) if row.patient and is_to_patient else row.recipient
