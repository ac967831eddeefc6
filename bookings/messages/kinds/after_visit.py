"""What follows a visit: how are you, how was it, and come again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.messages.kinds.kind import AboutVisit, Channel, call, register, visit_of
from bookings.messages.models import Message
from bookings.messages.planning import aftercare, invitations
from bookings.visits import addresses
from clinic.core.formats import short_time
from clinic.core.models import ClinicSettings


class AfterVisit(AboutVisit):
    waits_for_day = True

    def why_untrue(self, message: Message, now: datetime) -> str:
        return aftercare.why_untrue(message, visit_of(message))


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


@register
class Recall(AfterVisit):
    """Marketing (PECR reg. 22; uk-rules MSG-01): asked for by itself, by e-mail only, with a way out in each."""

    name = Message.Kind.RECALL

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        return super().facts(message, clinic, now) | {"book_link": addresses.of_page("choose"), **_ways_out(message)}

    def headers(self, message: Message) -> dict[str, str]:
        """How a mail program stops it for its reader, in one click (RFC 8058)."""
        if not (ways := _ways_out(message)):
            return {}
        return {
            "List-Unsubscribe": f"<{ways['unsubscribe_link']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }


def _ways_out(message: Message) -> dict[str, str]:
    patient = visit_of(message).patient
    if patient is None:
        return {}
    token = invitations.token_of(patient)
    return {
        "unsubscribe_link": addresses.of_page("unsubscribe", token),
        "preferences_link": addresses.of_page("preferences", token),
    }
