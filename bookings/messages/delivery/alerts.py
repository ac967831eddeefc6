"""How the owner hears that messages stand still: by text and by e-mail, both at once and neither through the queue."""

from __future__ import annotations

from django.conf import settings
from django.utils.html import escape

from bookings.messages.delivery.watchdog import Notice, Tell
from bookings.visits import addresses
from clinic.core.formats import desk_clock
from clinic.core.models import ClinicSettings
from clinic.sending import mail, sms, sms_length
from clinic.sending.outcomes import PerhapsSent


def ways() -> dict[str, Tell]:
    """Those that ALERT_SMS and ALERT_EMAIL name."""
    known: dict[str, tuple[str, Tell]] = {
        "sms": (settings.ALERT_SMS, _by_text),
        "email": (settings.ALERT_EMAIL, _by_mail),
    }
    return {way: tell for way, (address, tell) in known.items() if address}


def words(notice: Notice) -> tuple[str, str]:
    """Subject and sentence; no patient in them."""
    name = ClinicSettings.load().name
    if notice.is_over:
        return "Messages go out again", f"{name}: messages go out again, after {notice.minutes} minutes."
    waiting = "1 message waits" if notice.due == 1 else f"{notice.due} messages wait"
    page = addresses.of_page("messages", tab="check")
    since = desk_clock(notice.since)
    return "Messages stand still", f"{name}: no messages have gone out since {since}. {waiting}. Please look: {page}"


def _by_text(notice: Notice) -> None:
    try:
        sms.send(to=settings.ALERT_SMS, text=sms_length.plain(words(notice)[1]), key=_key("sms", notice))
    except PerhapsSent:
        return  # better not heard twice: e-mail tells as well


def _by_mail(notice: Notice) -> None:
    subject, sentence = words(notice)
    letter = mail.Letter(subject=subject, text=f"{sentence}\n", html=f"<p>{escape(sentence)}</p>")
    mail.send(to=settings.ALERT_EMAIL, letter=letter, message_id=_key("email", notice))


def _key(way: str, notice: Notice) -> str:
    return f"alert-{way}-{int(notice.since.timestamp())}-{'over' if notice.is_over else 'still'}"
