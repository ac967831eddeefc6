"""Messages as text messages."""

from __future__ import annotations

from datetime import datetime

from bookings.messages.channels.channel import MessageChannel, register
from bookings.messages.kinds import kind_of
from bookings.messages.models import Message
from bookings.messages.wording.owner_words import Words
from clinic.core.models import ClinicSettings
from clinic.core.sealing.secret_addresses import without_secrets
from clinic.sending import sms, sms_length
from clinic.sending.outcomes import Sent


@register
class Sms(MessageChannel):
    name = Message.Channel.SMS

    def as_recorded(
        self, message: Message, clinic: ClinicSettings, now: datetime, own: Words | None
    ) -> tuple[str, str]:
        return "", without_secrets(_words(message, clinic, own))

    def send(self, message: Message, clinic: ClinicSettings, now: datetime, own: Words | None) -> Sent:
        text = _words(message, clinic, own)
        provider_id = sms.send(to=message.recipient, text=text, key=str(message.pk))
        return Sent(
            subject="", text=without_secrets(text), provider_id=provider_id, wording=own.wording_id if own else None
        )


def sms_text(message: Message, clinic: ClinicSettings) -> str:
    """The longest wording that fits one text message; if none does, the shortest.

    Raises:
        Refused: there are no words for this kind.
    """
    wordings = [sms_length.plain(text) for text in kind_of(message).texts(message, clinic)]
    return next(filter(sms_length.fits_one, wordings), wordings[-1])


def _words(message: Message, clinic: ClinicSettings, own: Words | None) -> str:
    return sms_length.plain(own.text) if own else sms_text(message, clinic)
