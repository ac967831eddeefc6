from __future__ import annotations

from datetime import datetime

from bookings.messages.kinds.kind import AboutVisit, Channel, call, register, visit_of
from bookings.messages.models import Message
from bookings.visits.models.statuses import Status
from clinic.core.formats import short_time
from clinic.core.models import ClinicSettings


@register
class Cancelled(AboutVisit):
    name = Message.Kind.CANCELLED
    calendar = "CANCEL"
    shows_visit = True
    owner_words = {
        (Channel.EMAIL, False): (
            "Cancelled: your visit on {{when}}",
            "This visit will not take place, and you need do nothing more.",
        ),
        (Channel.SMS, False): ("", "{{clinic}}: your visit on {{when}} is cancelled."),
    }

    def why_untrue(self, message: Message, now: datetime) -> str:
        return "" if visit_of(message).status == Status.CANCELLED else "The visit is not cancelled."

    def texts(self, message: Message, clinic: ClinicSettings) -> list[str]:
        start = f"{clinic.name}: your visit on {short_time(visit_of(message).starts_at)} is cancelled."
        return [f"{start} Questions?{call(clinic)}" if clinic.phone else start, start]
