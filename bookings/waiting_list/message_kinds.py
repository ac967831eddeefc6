"""What a person who waits is written: a time that is kept for them, and the link of their entry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.messages.kinds.kind import MessageKind, register, visit_facts
from bookings.messages.models import Message
from bookings.visits import addresses
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.core import clock
from clinic.core.formats import clock_time, short_time, time_in_letters
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.sending.outcomes import Refused


class _ToWhoWaits(MessageKind):
    def reader(self, message: Message) -> Patient | None:
        return message.patient


@register
class OfferedTime(_ToWhoWaits):
    name = Message.Kind.OFFER
    waits_for_day = True

    def why_untrue(self, message: Message, now: datetime) -> str:
        is_open = message.offer_id and Offer.objects.open(now).filter(pk=message.offer_id).exists()
        return "" if is_open else "The offer is closed."

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        offer = _offer_of(message)
        return {
            **visit_facts(offer.appointment),
            "first_name": offer.entry.patient.first_name,
            "reference": offer.entry.reference,
            "until": time_in_letters(offer.expires_at),
            "link": addresses.of_offer(offer),
        }

    def texts(self, message: Message, clinic: ClinicSettings) -> list[str]:
        offer = _offer_of(message)
        is_same_day = clock.today(message.due_at) == clock.today(offer.expires_at)
        until = clock_time(offer.expires_at) if is_same_day else short_time(offer.expires_at)
        link, time = addresses.of_offer(offer), short_time(offer.starts_at)
        start = f"{clinic.name}: {time} is free, and kept for you until {until}."
        return [
            f"{start} Take it or not: {link}",
            f"{start} {link}",
            f"{clinic.name}: {time}, kept till {until}. {link}",
        ]


@register
class WaitingLink(_ToWhoWaits):
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


def _offer_of(message: Message) -> Offer:
    if message.offer is None:
        raise Refused("There is no offer to write about.")
    return message.offer
