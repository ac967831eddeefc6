from __future__ import annotations

from bookings.messages.kinds.kind import AboutComing, Channel, register, visit_of, with_link
from bookings.messages.models import Message
from bookings.visits import addresses
from clinic.core.formats import short_time
from clinic.core.models import ClinicSettings


@register
class Moved(AboutComing):
    name = Message.Kind.MOVED
    calendar = "REQUEST"
    owner_words = {
        (Channel.EMAIL, False): (
            "New time: your visit on {{when}}",
            "Here is when we will see you now. It takes the place of the time you had before.",
        ),
        (Channel.SMS, False): ("", "{{clinic}}: your visit is now {{when}}. Can’t come? Tell us: {{link}}"),
    }

    def texts(self, message: Message, clinic: ClinicSettings) -> list[str]:
        visit = visit_of(message)
        start = f"{clinic.name}: your visit is now {short_time(visit.starts_at)}."
        return with_link(start, addresses.of_visit(visit))
