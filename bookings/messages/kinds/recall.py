"""Come again, months after the visit: marketing, for those who asked for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.messages.kinds.after_visit import AfterVisit
from bookings.messages.kinds.kind import register, visit_of
from bookings.messages.models import Message
from bookings.messages.planning import invitations
from bookings.visits import addresses
from clinic.core.models import ClinicSettings


@register
class Recall(AfterVisit):
    """Marketing (PECR 2003 reg. 22): asked for by itself, by e-mail only, with a way out in each."""

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
