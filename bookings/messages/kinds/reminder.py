from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.messages.kinds.kind import AboutComing, Channel, register, visit_of, with_link
from bookings.messages.models import Message
from bookings.visits import addresses
from clinic.core.formats import short_time
from clinic.core.models import ClinicSettings


@register
class Reminder(AboutComing):
    """Sent before a visit by the owner's rules; some ask the patient to confirm."""

    name = Message.Kind.REMINDER
    is_by_choice = True
    waits_for_day = True
    owner_words = {
        (Channel.EMAIL, False): (
            "Your visit on {{when}}",
            "This is a reminder of your visit. If you can’t come, please tell us: someone else can have the time.",
        ),
        (Channel.EMAIL, True): (
            "Your visit on {{when}}",
            "This is a reminder of your visit. Are you coming? Please confirm here:\n\n{{confirm_link}}",
        ),
        (Channel.SMS, False): ("", "{{clinic}}: your visit is {{when}}. Can’t come? Tell us: {{link}}"),
        (Channel.SMS, True): ("", "{{clinic}}: your visit is {{when}}. Coming? {{confirm_link}}"),
    }

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        visit = visit_of(message)
        link = addresses.of_answer(visit) if asks(message, now) else ""
        return super().facts(message, clinic, now) | {"coming_link": link}

    def texts(self, message: Message, clinic: ClinicSettings) -> list[str]:
        visit = visit_of(message)
        start = f"{clinic.name}: your visit is {short_time(visit.starts_at)}."
        if not asks(message, message.due_at):
            return with_link(start, addresses.of_visit(visit))
        link = addresses.of_answer(visit)
        return [f"{start} Are you coming? Please confirm: {link}", f"{start} Confirm: {link}"]


def asks(message: Message, now: datetime) -> bool:
    """Whether it is a reminder that asks: its rule says so, and the patient has not answered yet."""
    visit = message.appointment
    is_reminder = message.kind == Message.Kind.REMINDER
    return is_reminder and message.asks_to_confirm and visit is not None and visit.may_be_confirmed(now)
