"""What there is to know of one kind of message, and the register of all kinds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bookings.messages.models import Message
from bookings.visits import addresses, agreement
from bookings.visits.ical import Method
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import UPCOMING
from bookings.visits.policy import moves_until
from clinic.core.formats import full_time, time_in_letters
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.sending.mail import Letter
from clinic.sending.outcomes import Refused

Channel = Message.Channel
_KINDS: dict[str, MessageKind] = {}


class MessageKind:
    """One kind of message. Its e-mail is `templates/emails/<name>-….`; its text message, if there is one, is in `texts`.

    Attributes:
        templates: the name of its templates, where they are not named after the kind.
        is_by_choice: e-mails too go out only by a way that the patient chose; text messages always do.
        waits_for_day: not sent in the quiet hours; the other kinds answer what someone has just done.
        calendar: the method of the calendar file that comes with the e-mail.
        owner_words: what the owner's own words begin with, by channel and by whether it asks: subject and body.
        shows_visit, has_link: what stands below the owner's own words.
        keeps_words: whether the record keeps what was said.
    """

    name: str
    templates = ""
    is_by_choice = False
    waits_for_day = False
    calendar: Method | None = None
    owner_words: Mapping[tuple[str, bool], tuple[str, str]] = {}
    shows_visit = False
    has_link = False
    keeps_words = True

    def why_untrue(self, message: Message, now: datetime) -> str:
        """Why what the message says is not so any more; nothing if it is. `message.appointment` is as it stands now."""
        raise NotImplementedError

    def reader(self, message: Message) -> Patient | None:
        """The patient whom it is to reach where and as they want today; None where it goes to an address as it is."""
        return message.appointment.patient if message.appointment else None

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        """What its templates are filled with.

        Raises:
            Refused: nothing is left to say.
        """
        raise NotImplementedError

    def ready_letter(self, message: Message) -> Letter | None:
        """The e-mail, if it is written already and not made of `facts`."""
        return None

    def texts(self, message: Message, clinic: ClinicSettings) -> list[str]:
        """Wordings of the text message, the fullest first.

        Raises:
            Refused: there are none.
        """
        raise Refused(f"No text message is written for “{message.get_kind_display()}”.")

    def headers(self, message: Message) -> dict[str, str]:
        """Headers of the e-mail beside the usual."""
        return {}


class AboutVisit(MessageKind):
    """A message to the patient of one visit."""

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        visit = visit_of(message)
        movable_until = moves_until(visit, now)
        return visit_facts(visit) | {
            "until": agreement.until(movable_until),
            "link_says": agreement.link_says(movable_until),
        }


class AboutComing(AboutVisit):
    """A message that tells the time of a coming visit."""

    shows_visit = True
    has_link = True

    def why_untrue(self, message: Message, now: datetime) -> str:
        visit = visit_of(message)
        if visit.status not in UPCOMING:
            return "The visit is no longer to come."
        return "" if visit.starts_at == message.expires_at else "The visit has another time."


def visit_of(message: Message) -> Appointment:
    """The visit that the message is about.

    Raises:
        Refused: there is none.
    """
    if message.appointment is None:
        raise Refused(f"No words are written for “{message.get_kind_display()}” without a visit.")
    return message.appointment


def first_name_of(visit: Appointment) -> str:
    return visit.patient.first_name if visit.patient else ""


def visit_facts(visit: Appointment) -> dict[str, Any]:
    """What a letter says of a visit."""
    return {
        "first_name": first_name_of(visit),
        "when": time_in_letters(visit.starts_at),
        "subject_time": full_time(visit.starts_at),
        "practitioner": visit.practitioner.name,
        "place": visit.location.name,
        "address_lines": visit.location.address_lines,
        "reference": visit.reference,
        "link": addresses.of_visit(visit),
    }


def with_link(start: str, link: str) -> list[str]:
    """Two wordings of a text message that ends with the way to say that one cannot come."""
    return [f"{start} Can’t come? Tell us: {link}", f"{start} {link}"]


def call(clinic: ClinicSettings) -> str:
    return f" Call {clinic.phone.as_national}." if clinic.phone else ""


def register(kind: type[MessageKind]) -> type[MessageKind]:
    """Make a kind known: a decorator of its class, run while the program starts."""
    _KINDS[kind.name] = kind()
    return kind


def kind_of(message: Message) -> MessageKind:
    """What there is to know of this message's kind."""
    return _KINDS[message.kind]


def kind_named(name: str) -> MessageKind:
    return _KINDS[name]


def all_kinds() -> list[MessageKind]:
    return list(_KINDS.values())
