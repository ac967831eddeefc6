"""Whom a message of the waiting list reaches."""

from __future__ import annotations

from bookings.messages.kinds.kind import MessageKind
from bookings.messages.models import Message
from clinic.patients.models import Patient


class ToWhoWaits(MessageKind):
    def reader(self, message: Message) -> Patient | None:
        return message.patient
