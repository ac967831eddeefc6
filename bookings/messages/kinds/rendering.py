"""What messages say. Neutral by rule (MSG-01, MSG-03): never a treatment, a price or an offer.

The confirmation alone says, below what a preview shows, what was agreed (CC-01): see `agreement`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Any, Self

from django.conf import settings

from bookings.messages.kinds import letters
from bookings.messages.models import Message
from bookings.messages.planning import aftercare
from bookings.messages.wording.owner_words import Wordings, Words
from bookings.visits import agreement
from bookings.visits.ical import Method, calendar
from bookings.visits.models import Appointment
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.core import clock
from clinic.core.formats import clock_time, full_time, short_time, time_in_letters
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.sending import mail, sms
from clinic.sending.outcomes import Refused, Sent

Kind = Message.Kind
A_SECRET_LINK = re.compile(r"(/(?:visit|waiting|waiting/offers|unsubscribe|preferences)/)[\w.-]{40,}")
CALENDARS: dict[str, Method] = {Kind.CONFIRMATION: "REQUEST", Kind.MOVED: "REQUEST", Kind.CANCELLED: "CANCEL"}


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
        if message.channel == Message.Channel.SMS:
            return self._text(message, now)
        return self._mail(message, now)

    def _text(self, message: Message, now: datetime) -> Sent:
        own = self.wordings.of(message, self.clinic, now)
        text = sms.plain(own.text) if own else sms_text(message, self.clinic)
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
            headers=letters.headers(message),
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
        Refused: there are no words for this kind.
    """
    wanted = _letter_format(message)
    is_large_print = wanted == Patient.LetterFormat.LARGE_PRINT
    context: dict[str, Any] = {"clinic": clinic, "site_url": settings.SITE_URL, "is_large_print": is_large_print}
    if message.kind == Kind.LINKS:
        visits = (
            Appointment.objects.upcoming(now)
            .filter(patient__email__iexact=message.recipient)
            .with_details()
            .order_by("during")
        )
        context |= {"visits": [_facts(visit) for visit in visits]}
        if not visits:
            raise Refused("There is no coming visit any more.")
    elif message.offer and message.kind == Kind.OFFER:
        context |= _offer_facts(message.offer)
    elif message.entry and message.kind == Kind.WAITING:
        context |= _waiting_facts(message.entry)
    elif message.appointment and message.kind in {*CALENDARS, Kind.REMINDER, *aftercare.AFTER}:
        context |= _facts(message.appointment) | _changing(message.appointment, clinic, now)
        context |= letters.more_facts(message, now)
        if message.kind == Kind.CONFIRMATION:
            context["agreement"] = agreement.sections(message.appointment, clinic, now)
    elif message.kind == Kind.STAFF_NOTICE:
        context |= letters.more_facts(message, now)
    else:
        raise Refused(f"No words are written for “{message.get_kind_display()}”.")
    letter = mail.render("wording" if own else message.kind, {**context, "own": own})
    return replace(letter, html="") if wanted == Patient.LetterFormat.TEXT_ONLY else letter


def _letter_format(message: Message) -> str:
    """How its reader wants e-mails to look (NHS Accessible Information Standard, DAPB1605: good practice here)."""
    if message.kind == Kind.STAFF_NOTICE:
        return Patient.LetterFormat.STANDARD
    visit, offer = message.appointment, message.offer
    patient = visit.patient if visit else offer.entry.patient if offer else message.patient
    return patient.letter_format if patient else Patient.LetterFormat.STANDARD


def sms_text(message: Message, clinic: ClinicSettings) -> str:
    """The longest wording that fits one text message; if none does, the shortest.

    Raises:
        Refused: there are no words for this kind.
    """
    visit = message.appointment
    if message.offer and message.kind == Kind.OFFER:
        texts = _offer_texts(message, message.offer, clinic)
    elif visit is None or message.kind not in TEXTS:
        raise Refused(f"No text message is written for “{message.get_kind_display()}”.")
    elif letters.asks(message, visit, message.due_at):
        texts = _asking_texts(visit, clinic)
    else:
        texts = TEXTS[message.kind](visit, clinic)
    wordings = [sms.plain(text) for text in texts]
    return next(filter(sms.fits_one, wordings), wordings[-1])


def without_secrets(text: str) -> str:
    """The text with the secret of each visit link left out: the record is read by others than the patient."""
    return A_SECRET_LINK.sub(r"\1…", text)


def _facts(visit: Appointment) -> dict[str, Any]:
    return {
        "first_name": letters.first_name_of(visit),
        "when": time_in_letters(visit.starts_at),
        "subject_time": full_time(visit.starts_at),
        "practitioner": visit.practitioner.name,
        "place": visit.location.name,
        "address_lines": visit.location.address_lines,
        "reference": visit.reference,
        "link": visit_link(visit),
    }


def _changing(visit: Appointment, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
    return {"until": agreement.until(visit, clinic, now), "link_says": agreement.link_says(visit, clinic, now)}


def _offer_facts(offer: Offer) -> dict[str, Any]:
    return {
        **_facts(offer.appointment),
        "first_name": offer.entry.patient.first_name,
        "reference": offer.entry.reference,
        "until": time_in_letters(offer.expires_at),
        "link": offer_link(offer),
    }


def _waiting_facts(entry: WaitingEntry) -> dict[str, Any]:
    return {
        "first_name": entry.patient.first_name,
        "reference": entry.reference,
        "link": waiting_link(entry),
    }


def offer_link(offer: Offer) -> str:
    """The address, with its secret, at which a person takes or declines the time that is kept for her."""
    return f"{settings.SITE_URL}/waiting/offers/{offer.link_token}/"


def waiting_link(entry: WaitingEntry) -> str:
    """The address, with its secret, at which a person sees what she waits for and leaves the list."""
    return f"{settings.SITE_URL}/waiting/{entry.link_token}/"


def visit_link(visit: Appointment) -> str:
    """The address, with its secret, at which a patient sees and changes this visit."""
    return f"{settings.SITE_URL}/visit/{visit.link_token}/"


def _attachments(message: Message, clinic: ClinicSettings, now: datetime) -> tuple[Any, ...]:
    method = CALENDARS.get(message.kind)
    if method is None or message.appointment is None:
        return ()
    ics = calendar(message.appointment, method=method, now=now, clinic=clinic)
    return (mail.calendar_part(ics, method=method),)


def _call(clinic: ClinicSettings) -> str:
    return f" Call {clinic.phone.as_national}." if clinic.phone else ""


def _confirmed_texts(visit: Appointment, clinic: ClinicSettings) -> list[str]:
    """For someone without an address; everyone else's confirmation is an e-mail."""
    start = f"{clinic.name}: your visit is booked for {short_time(visit.starts_at)}."
    return [f"{start} Can’t come? Tell us: {visit_link(visit)}", f"{start} {visit_link(visit)}"]


def _reminder_texts(visit: Appointment, clinic: ClinicSettings) -> list[str]:
    start = f"{clinic.name}: your visit is {short_time(visit.starts_at)}."
    return [f"{start} Can’t come? Tell us: {visit_link(visit)}", f"{start} {visit_link(visit)}"]


def _asking_texts(visit: Appointment, clinic: ClinicSettings) -> list[str]:
    start = f"{clinic.name}: your visit is {short_time(visit.starts_at)}."
    link = letters.coming_link(visit)
    return [f"{start} Are you coming? Please confirm: {link}", f"{start} Confirm: {link}"]


def _offer_texts(message: Message, offer: Offer, clinic: ClinicSettings) -> list[str]:
    is_same_day = clock.today(message.due_at) == clock.today(offer.expires_at)
    until = clock_time(offer.expires_at) if is_same_day else short_time(offer.expires_at)
    link, time = offer_link(offer), short_time(offer.starts_at)
    start = f"{clinic.name}: {time} is free, and kept for you until {until}."
    return [f"{start} Take it or not: {link}", f"{start} {link}", f"{clinic.name}: {time}, kept till {until}. {link}"]


def _moved_texts(visit: Appointment, clinic: ClinicSettings) -> list[str]:
    start = f"{clinic.name}: your visit is now {short_time(visit.starts_at)}."
    return [f"{start} Can’t come? Tell us: {visit_link(visit)}", f"{start} {visit_link(visit)}"]


def _cancelled_texts(visit: Appointment, clinic: ClinicSettings) -> list[str]:
    start = f"{clinic.name}: your visit on {short_time(visit.starts_at)} is cancelled."
    return [f"{start} Questions?{_call(clinic)}" if clinic.phone else start, start]


def _follow_up_texts(visit: Appointment, clinic: ClinicSettings) -> list[str]:
    start = f"{clinic.name}: thank you for coming on {short_time(visit.starts_at)}."
    return [f"{start} A question, or not feeling right?{_call(clinic)} Urgent and closed: NHS 111.", start]


def _review_texts(visit: Appointment, clinic: ClinicSettings) -> list[str]:
    start = f"{clinic.name}: how was your visit on {short_time(visit.starts_at)}?"
    return [f"{start} Good or bad, we are glad to hear.{_call(clinic)}", start]


TEXTS: dict[str, Callable[[Appointment, ClinicSettings], list[str]]] = {
    Kind.CONFIRMATION: _confirmed_texts,
    Kind.REMINDER: _reminder_texts,
    Kind.MOVED: _moved_texts,
    Kind.CANCELLED: _cancelled_texts,
    Kind.FOLLOW_UP: _follow_up_texts,
    Kind.REVIEW: _review_texts,
}
