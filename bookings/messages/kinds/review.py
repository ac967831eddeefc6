"""How was it, asked some days after the visit."""

from __future__ import annotations

from bookings.messages.kinds.after_visit import AfterVisit
from bookings.messages.kinds.kind import Channel, call, register, visit_of
from bookings.messages.models import Message
from clinic.core.formats import short_time
from clinic.core.models import ClinicSettings


@register
class Review(AfterVisit):
    name = Message.Kind.REVIEW
    is_by_choice = True
    owner_words = {
        (Channel.EMAIL, False): (
            "How was your visit to {{clinic}}?",
            (
                "You came to see us on {{when}}. Would you tell us how it was, good or bad? It goes to the clinic only, "
                "and helps us do better.\n\nThere is no need to answer."
            ),
        ),
        (Channel.SMS, False): ("", "{{clinic}}: how was your visit on {{when}}? Good or bad, we are glad to hear."),
    }

    def texts(self, message: Message, clinic: ClinicSettings) -> list[str]:
        start = f"{clinic.name}: how was your visit on {short_time(visit_of(message).starts_at)}?"
        return [f"{start} Good or bad, we are glad to hear.{call(clinic)}", start]
