"""Build and send one e-mail to one person, through whatever EMAIL_URL names."""

from __future__ import annotations

import contextlib
import smtplib
from dataclasses import dataclass
from email.mime.text import MIMEText
from typing import Any
from urllib.parse import urlsplit

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.template.loader import render_to_string

from clinic.core.sending import ProviderDown, Refused

__all__ = ["Letter", "calendar_part", "close", "get_connection", "render", "send", "site_host"]

PERMANENT = 500  # SMTP replies from here on mean never (RFC 5321 §4.2.1)


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


def render(name: str, context: dict[str, Any]) -> Letter:
    """The three templates `emails/<name>-subject.txt`, `-body.txt` and `-body.html`."""
    subject, text, html = (
        render_to_string(f"emails/{name}-{part}", context).strip() for part in ("subject.txt", "body.txt", "body.html")
    )
    return Letter(subject=subject, text=f"{text}\n", html=html)


def site_host() -> str:
    """The host of SITE_URL: the right-hand side of our Message-IDs and calendar UIDs."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def calendar_part(ics: bytes, *, method: str) -> MIMEText:
    """An iCalendar object as mail programs expect it (RFC 6047 §2.4)."""
    part = MIMEText(ics.decode(), "calendar", "utf-8")
    part.set_param("method", method)
    part.add_header("Content-Disposition", "attachment", filename="visit.ics")
    return part


def send(
    *,
    to: str,
    letter: Letter,
    message_id: str,
    reply_to: str = "",
    attachments: tuple[MIMEText, ...] = (),
    connection: BaseEmailBackend | None = None,
) -> None:
    """Send to exactly one address. The same `message_id` gives the same Message-ID header however often it is sent.

    Raises:
        Refused: not one valid address, a line break in a header, or the recipient's server says never.
        ProviderDown: our own provider cannot be reached or does not accept anything from us.
        Exception: anything else is a matter of this message at this time, and may be tried again.
    """
    try:
        validate_email(to)
    except ValidationError as error:
        raise Refused("This is not one e-mail address.") from error
    is_kept = connection is not None
    connection = connection or get_connection()
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[to],
        reply_to=[reply_to] if reply_to else None,
        headers={"Message-ID": f"<{message_id}@{site_host()}>", "Auto-Submitted": "auto-generated"},
        attachments=list(attachments),
        connection=connection,
    )
    mail.attach_alternative(letter.html, "text/html")
    try:
        if is_kept:
            connection.open()  # left open for the next message
        mail.send()
    except Exception as error:
        close(connection)
        raise (_meaning(error) or error) from error


def close(connection: BaseEmailBackend) -> None:
    """Let go of a connection, whatever state it is in."""
    with contextlib.suppress(Exception):
        connection.close()


def _meaning(error: Exception) -> Exception | None:
    if isinstance(error, (BadHeaderError, AnymailRecipientsRefused)):
        return Refused(str(error))
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return Refused(_reply(code, reply)) if code >= PERMANENT else None
    if isinstance(error, smtplib.SMTPDataError):
        is_final = error.smtp_code >= PERMANENT
        return Refused(_reply(error.smtp_code, error.smtp_error)) if is_final else None
    if isinstance(error, AnymailAPIError):
        return None if error.status_code in {400, 422} else ProviderDown(f"The provider answered {error.status_code}.")
    if isinstance(error, OSError):  # every other SMTPException too: greeting, login, sender, lost connection
        return ProviderDown(f"{type(error).__name__}: {error}")
    return None


def _reply(code: int, reply: bytes | str) -> str:
    return f"{code} {reply.decode(errors='replace') if isinstance(reply, bytes) else reply}"
