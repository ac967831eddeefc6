"""Messages as e-mails, each in the format that its reader wants."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

from bookings.messages.channels.channel import MessageChannel, register
from bookings.messages.kinds import kind_of
from bookings.messages.models import Message
from bookings.messages.wording.owner_words import Words
from bookings.visits.ical import calendar
from clinic.core.models import ClinicSettings
from clinic.core.sealing.secret_addresses import without_secrets
from clinic.patients.models import Patient
from clinic.sending import mail
from clinic.sending.outcomes import Sent


@register
class Email(MessageChannel):
    """Sends over one connection, however many there are."""

    name = Message.Channel.EMAIL

    connection: BaseEmailBackend | None = None

    def open(self) -> None:
        self.connection = mail.get_connection()

    def as_recorded(
        self, message: Message, clinic: ClinicSettings, now: datetime, own: Words | None
    ) -> tuple[str, str]:
        letter = render(message, clinic, now, own)
        return letter.subject, without_secrets(letter.text)

    def send(self, message: Message, clinic: ClinicSettings, now: datetime, own: Words | None) -> Sent:
        letter = render(message, clinic, now, own)
        provider_id = mail.send(
            to=message.recipient,
            letter=letter,
            message_id=str(message.pk),
            reply_to=clinic.email,
            attachments=_attachments(message, clinic, now),
            headers=kind_of(message).headers(message),
            connection=self.connection,
        )
        return Sent(
            subject=letter.subject,
            text=without_secrets(letter.text) if kind_of(message).keeps_words else "",
            provider_id=provider_id,
            wording=own.wording_id if own else None,
        )

    def close(self) -> None:
        if self.connection:
            mail.close(self.connection)


def render(message: Message, clinic: ClinicSettings, now: datetime, own: Words | None = None) -> mail.Letter:
    """The e-mail as it goes out, in the owner's own words if there are such.

    Raises:
        Refused: there is nothing to say.
    """
    if ready := kind_of(message).ready_letter(message):
        return ready
    wanted = _letter_format(message)
    is_large_print = wanted == Patient.LetterFormat.LARGE_PRINT
    context = {
        "clinic": clinic,
        "site_url": settings.SITE_URL,
        "is_large_print": is_large_print,
        "own": own,
        **kind_of(message).facts(message, clinic, now),
    }
    letter = mail.render("wording" if own else kind_of(message).templates or message.kind, context)
    return replace(letter, html="") if wanted == Patient.LetterFormat.TEXT_ONLY else letter


def _letter_format(message: Message) -> str:
    """How its reader wants e-mails to look (NHS Accessible Information Standard, DAPB1605: good practice here)."""
    is_for_staff = message.kind == Message.Kind.STAFF_NOTICE
    patient = None if is_for_staff else kind_of(message).reader(message) or message.patient
    return patient.letter_format if patient else Patient.LetterFormat.STANDARD


def _attachments(message: Message, clinic: ClinicSettings, now: datetime) -> tuple[Any, ...]:
    method = kind_of(message).calendar
    if method is None or message.appointment is None:
        return ()
    ics = calendar(message.appointment, method=method, now=now, clinic=clinic)
    return (mail.calendar_part(ics, method=method),)
