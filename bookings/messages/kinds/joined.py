from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.messages.kinds.kind import MessageKind, register
from bookings.messages.models import Message
from bookings.messages.planning.records import access_notices
from bookings.visits import addresses
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.sending.outcomes import Refused


@register
class Joined(MessageKind):
    """Tell that an account was joined to a record: to the address that the record had at that moment."""

    name = Message.Kind.JOINED

    def why_untrue(self, message: Message, now: datetime) -> str:
        notice = access_notices.notice_of(message)
        return "" if notice and notice.access.revoked_at is None else "The access has ended."

    def reader(self, message: Message) -> Patient | None:
        return None

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        notice = access_notices.notice_of(message)
        if notice is None:
            raise Refused("The record or the account is gone.")
        return {
            "first_name": notice.access.patient.first_name,
            "link": addresses.of_page("not_me", notice.link_token),
        }
