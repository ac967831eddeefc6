"""The link of an entry, for the person who waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.messages.kinds.kind import register
from bookings.messages.models import Message
from bookings.visits import addresses
from bookings.waiting_list.message_kinds.who_waits import ToWhoWaits
from bookings.waiting_list.models import WaitingEntry
from clinic.core.models import ClinicSettings
from clinic.sending.outcomes import Refused


@register
class WaitingLink(ToWhoWaits):
    name = Message.Kind.WAITING

    def why_untrue(self, message: Message, now: datetime) -> str:
        waits = message.entry is not None and message.entry.state == WaitingEntry.State.WAITING
        return "" if waits else "The person is not on the waiting list any more."

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        if message.entry is None:
            raise Refused("There is no entry to write about.")
        return {
            "first_name": message.entry.patient.first_name,
            "reference": message.entry.reference,
            "link": addresses.of_waiting(message.entry),
        }
