"""Messages of the demo that went long ago: sent at their hour, with the words that they had."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

from bookings.messages.channels import channel_named
from bookings.messages.models import Message
from bookings.messages.wording.owner_words import Wordings
from clinic.core.models import ClinicSettings


def mark_sent(due: Iterable[Message], clinic: ClinicSettings) -> None:
    """Mark as sent at its hour, with the words that it had."""
    rows, wordings = list(due), Wordings()
    for row in rows:
        own = wordings.of(row, clinic, row.due_at)
        row.subject, row.body = channel_named(row.channel).as_recorded(row, clinic, row.due_at, own)
        row.wording_id = own.wording_id if own else None
    Message.objects.bulk_update(rows, ["subject", "body", "wording"])
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Message.State.SENT, attempts=1, started_at=F("due_at"), sent_at=F("due_at")
    )
