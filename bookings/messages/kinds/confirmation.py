from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.messages.kinds.kind import AboutComing, Channel, register, visit_of, with_link
from bookings.messages.models import Message
from bookings.visits import addresses, agreement
from clinic.core.formats import short_time
from clinic.core.models import ClinicSettings


@register
class Confirmation(AboutComing):
    """The confirmation. What was agreed, directions and what to bring (ADR 9) come from `visits.agreement`."""

    name = Message.Kind.CONFIRMATION
    calendar = "REQUEST"
    owner_words = {
        (Channel.EMAIL, False): (
            "Your visit on {{when}}",
            "We look forward to seeing you. Here is everything you need.",
        ),
    }

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        more = {"agreement": agreement.sections(visit_of(message), clinic, now)}
        return super().facts(message, clinic, now) | more

    def texts(self, message: Message, clinic: ClinicSettings) -> list[str]:
        """For someone without an address; everyone else's confirmation is an e-mail."""
        visit = visit_of(message)
        start = f"{clinic.name}: your visit is booked for {short_time(visit.starts_at)}."
        return with_link(start, addresses.of_visit(visit))
