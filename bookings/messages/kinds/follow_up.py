"""How are you, some days after the visit."""

from __future__ import annotations

from bookings.messages.kinds.after_visit import AfterVisit
from bookings.messages.kinds.kind import Channel, call, register, visit_of
from bookings.messages.models import Message
from clinic.core.formats import short_time
from clinic.core.models import ClinicSettings


@register
class FollowUp(AfterVisit):
    name = Message.Kind.FOLLOW_UP
    is_by_choice = True
    owner_words = {
        (Channel.EMAIL, False): (
            "After your visit to {{clinic}}",
            (
                "Thank you for coming on {{when}}. We hope you are well.\n\nIf you have a question, or something does not "
                "feel right, please tell us. We are glad to hear from you, however small it is.\n\nIf it is urgent and we "
                "are closed, call NHS 111. In an emergency, call 999."
            ),
        ),
        (Channel.SMS, False): ("", "{{clinic}}: thank you for coming on {{when}}. Urgent and closed: NHS 111."),
    }

    def texts(self, message: Message, clinic: ClinicSettings) -> list[str]:
        start = f"{clinic.name}: thank you for coming on {short_time(visit_of(message).starts_at)}."
        return [f"{start} A question, or not feeling right?{call(clinic)} Urgent and closed: NHS 111.", start]
