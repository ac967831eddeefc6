"""Turn a message into a letter or a text message, and send it. Neutral by rule (MSG-01, MSG-03): never a treatment,
a price or an offer.

What each kind says is in `kinds`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Any, Self

from django.conf import settings

from bookings.messages.kinds import kind_of
from bookings.messages.models import Message
from bookings.messages.wording.owner_words import Wordings, Words
from bookings.visits.ical import calendar
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.sending import mail, sms, sms_length
from clinic.sending.outcomes import Sent

A_SECRET_LINK = re.compile(r"(/(?:visit|waiting|waiting/offers|unsubscribe|preferences)/)[\w.-]{40,}")


class Sender:
    """Sends messages over one connection: `with Sender() as send: send(message, now)`."""

    def __init__(self) -> None:
        self.connection = mail.get_connection()
        self.wordings = Wordings()

    @cached_property
    def clinic(self) -> ClinicSettings:
        """Read when there is something to say: most looks find nothing due."""
        clinic: ClinicSettings = ClinicSettings.load()
        return clinic

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mail.close(self.connection)

    def __call__(self, message: Message, now: datetime) -> Sent:
        """Render and send one message to its recipient.

        Raises:
            Refused, ProviderDown, PerhapsSent: see `clinic.sending.outcomes`.
        """
        ways = {Message.Channel.EMAIL: self._mail, Message.Channel.SMS: self._text}
        return ways[Message.Channel(message.channel)](message, now)

    def _text(self, message: Message, now: datetime) -> Sent:
        own = self.wordings.of(message, self.clinic, now)
        text = sms_length.plain(own.text) if own else sms_text(message, self.clinic)
        provider_id = sms.send(to=message.recipient, text=text, key=str(message.pk))
        return Sent(
            subject="", text=without_secrets(text), provider_id=provider_id, wording=own.wording_id if own else None
        )

    def _mail(self, message: Message, now: datetime) -> Sent:
        own = self.wordings.of(message, self.clinic, now)
        letter = render(message, self.clinic, now, own)
        provider_id = mail.send(
            to=message.recipient,
            letter=letter,
            message_id=str(message.pk),
            reply_to=self.clinic.email,
            attachments=_attachments(message, self.clinic, now),
            headers=kind_of(message).headers(message),
            connection=self.connection,
        )
        return Sent(
            subject=letter.subject,
            text=without_secrets(letter.text),
            provider_id=provider_id,
            wording=own.wording_id if own else None,
        )


def send_message(message: Message, now: datetime) -> Sent:
    """Render and send one message; for many, keep a `Sender`."""
    with Sender() as send:
        return send(message, now)


def render(message: Message, clinic: ClinicSettings, now: datetime, own: Words | None = None) -> mail.Letter:
    """The e-mail as it goes out, in the owner's own words if there are such.

    Raises:
        Refused: there is nothing to say.
    """
    wanted = _letter_format(message)
    is_large_print = wanted == Patient.LetterFormat.LARGE_PRINT
    context = {
        "clinic": clinic,
        "site_url": settings.SITE_URL,
        "is_large_print": is_large_print,
        "own": own,
        **kind_of(message).facts(message, clinic, now),
    }
    letter = mail.render("wording" if own else message.kind, context)
    return replace(letter, html="") if wanted == Patient.LetterFormat.TEXT_ONLY else letter


def _letter_format(message: Message) -> str:
    """How its reader wants e-mails to look (NHS Accessible Information Standard, DAPB1605: good practice here)."""
    is_for_staff = message.kind == Message.Kind.STAFF_NOTICE
    patient = None if is_for_staff else kind_of(message).reader(message) or message.patient
    return patient.letter_format if patient else Patient.LetterFormat.STANDARD


def sms_text(message: Message, clinic: ClinicSettings) -> str:
    """The longest wording that fits one text message; if none does, the shortest.

    Raises:
        Refused: there are no words for this kind.
    """
    wordings = [sms_length.plain(text) for text in kind_of(message).texts(message, clinic)]
    return next(filter(sms_length.fits_one, wordings), wordings[-1])


def without_secrets(text: str) -> str:
    """The text with the secret of each visit link left out: the record is read by others than the patient."""
    return A_SECRET_LINK.sub(r"\1…", text)


def _attachments(message: Message, clinic: ClinicSettings, now: datetime) -> tuple[Any, ...]:
    method = kind_of(message).calendar
    if method is None or message.appointment is None:
        return ()
    ics = calendar(message.appointment, method=method, now=now, clinic=clinic)
    return (mail.calendar_part(ics, method=method),)
