from __future__ import annotations

from datetime import datetime

from bookings.messages.kinds.kind import MessageKind, register
from bookings.messages.models import Message
from bookings.messages.planning.account_letters import letter_of
from clinic.patients.models import Patient
from clinic.sending.mail import Letter


@register
class AccountLetter(MessageKind):
    """A sign-in code, or word of a change to an account: written by `clinic.accounts`, and never kept."""

    name = Message.Kind.ACCOUNT
    keeps_words = False

    def why_untrue(self, message: Message, now: datetime) -> str:
        return ""

    def reader(self, message: Message) -> Patient | None:
        return None

    def ready_letter(self, message: Message) -> Letter:
        return letter_of(message)
