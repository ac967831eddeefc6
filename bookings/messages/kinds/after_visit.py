"""What every message after a visit has in common: it waits for the day, and is untrue once the visit has another end."""

from __future__ import annotations

from datetime import datetime

from bookings.messages.kinds.kind import AboutVisit, visit_of
from bookings.messages.models import Message
from bookings.messages.planning import aftercare


class AfterVisit(AboutVisit):
    waits_for_day = True

    def why_untrue(self, message: Message, now: datetime) -> str:
        return aftercare.why_untrue(message, visit_of(message))
