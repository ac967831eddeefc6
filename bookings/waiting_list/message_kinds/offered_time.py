"""A time that came free, kept for a person who waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.messages.kinds.kind import register, visit_facts
from bookings.messages.models import Message
from bookings.visits import addresses
from bookings.waiting_list.message_kinds.who_waits import ToWhoWaits
from bookings.waiting_list.models import Offer
from clinic.core import clock
from clinic.core.formats import clock_time, short_time, time_in_letters
from clinic.core.models import ClinicSettings
from clinic.sending.outcomes import Refused


@register
class OfferedTime(ToWhoWaits):
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


def _offer_of(message: Message) -> Offer:
    if message.offer is None:
        raise Refused("There is no offer to write about.")
    return message.offer
