"""Build and send one e-mail to one person, through whatever EMAIL_URL names."""

from __future__ import annotations

import contextlib
import re
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.mime.text import MIMEText
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.template.loader import render_to_string

from clinic.core import clock
from clinic.sending.outcomes import ProviderDown, Refused, wait

__all__ = ["Letter", "calendar_part", "close", "get_connection", "render", "send", "site_host"]

PERMANENT = 500  # SMTP replies from here on mean never (RFC 5321 §4.2.1)
ABOUT_THIS_ONE = frozenset({200, 201, 202, 400, 409, 422})  # of an error: a broken answer, or no answer to us alone
GAPS = re.compile(r"\n{3,}")  # that template tags leave between paragraphs
TAKEN_BEFORE = "invalid_idempotent_request"  # Resend, asked again with the same key and other words
KEEP_OUR_ID = {"X-PM-KeepID": "true"}  # else Postmark puts a Message-ID of its own; no other provider reads it


@dataclass(frozen=True, slots=True)
class Letter:
    """`html` may be empty: then it is words only."""

    subject: str
    text: str = field(repr=False)  # may hold a code or a link
    html: str = field(repr=False)


def render(name: str, context: dict[str, Any]) -> Letter:
    """The three templates `emails/<name>-subject.txt`, `-body.txt` and `-body.html`."""
    subject, text, html = (
        render_to_string(f"emails/{name}-{part}", context).strip() for part in ("subject.txt", "body.txt", "body.html")
    )
    text = GAPS.sub("\n\n", text)
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
    headers: Mapping[str, str] | None = None,
    connection: BaseEmailBackend | None = None,
) -> str:
    """Send to exactly one address, and give the provider's own id of it: an empty string by SMTP and to files.

    The same `message_id` gives the same Message-ID header however often it is sent.

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
        headers={
            "Message-ID": f"<{message_id}@{site_host()}>",
            "Auto-Submitted": "auto-generated",
            **(KEEP_OUR_ID if settings.EMAIL_PROVIDER == "postmark" else {}),
            **(headers or {}),
        },
        attachments=list(attachments),
        connection=connection,
    )
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    if settings.EMAIL_PROVIDER:
        mail.metadata = {"message": message_id}  # type: ignore[attr-defined] # anymail's; comes back with reports
    try:
        if is_kept:
            connection.open()  # left open for the next message
        mail.send()
    except Exception as error:
        close(connection)
        if _was_taken_before(error):
            return ""
        raise (_meaning(error) or error) from error
    return _provider_id(getattr(mail, "anymail_status", None))


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
        return None if error.status_code in ABOUT_THIS_ONE else _away(error)
    if isinstance(error, OSError):  # every other SMTPException too: greeting, login, sender, lost connection
        return ProviderDown(f"{type(error).__name__}: {error}")
    return None


def _provider_id(status: Any) -> str:
    """From anymail's status of a message; Postmark may refuse one in words that anymail cannot read."""
    if status is None:
        return ""
    if status.status == {"unknown"}:
        raise RuntimeError("The provider does not say that it took this message.")
    return str(status.message_id or "")


def _was_taken_before(error: Exception) -> bool:
    is_conflict = isinstance(error, AnymailAPIError) and error.status_code == HTTPStatus.CONFLICT
    return is_conflict and TAKEN_BEFORE in str(error)


def _away(error: AnymailAPIError) -> ProviderDown:
    if error.response is None:
        return ProviderDown(f"{type(error.__cause__ or error).__name__}: no answer from the provider.")
    pause = wait(error.response.headers.get("Retry-After"), clock.now())
    return ProviderDown(f"The provider answered {error.status_code}.", retry_after=pause)


def _reply(code: int, reply: bytes | str) -> str:
    return f"{code} {reply.decode(errors='replace') if isinstance(reply, bytes) else reply}"
