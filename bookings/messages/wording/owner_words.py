"""The owner's own words, filled with the facts of one visit; and the built-in words to begin from."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models.functions import Length
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from bookings.messages.kinds import all_kinds, kind_named
from bookings.messages.kinds.kind import first_name_of
from bookings.messages.kinds.reminder import asks
from bookings.messages.models import Message, Wording
from bookings.messages.wording.placeholders import (
    BrokenWording,
    allowed,
    fill,
    is_alone,
    names_in,
    names_of_treatments,
    problems,
    variant_of,
)
from bookings.timetable.models import Location
from bookings.timetable.ranges import span
from bookings.visits import addresses
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.formats import clock_time, full_time, long_day
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner
from clinic.sending import sms_length

logger = logging.getLogger(__name__)
MOST_SEGMENTS = 2  # of one text message
LATE_FOR_EXAMPLE = timedelta(minutes=12)
LONGEST_SUBJECT = 200  # that a message keeps
A_BLANK_LINE = re.compile(r"\n[ \t]*\n")
Channel = Wording.Channel
Of = tuple[str, str, bool]  # kind, channel, whether it asks

_HELLO = "Hello {{first_name}},\n\n"
_BUTTON = (  # as in the built-in e-mails
    '<a class="button" href="{}" style="display:inline-block;background:#164d4b;color:#ffffff;text-decoration:none;'
    'font-weight:600;border-radius:999px;padding:12px 24px">{}</a>'
)


@dataclass(frozen=True, slots=True)
class Words:
    """One wording, filled for one visit. `paragraphs` are those of the HTML part, escaped.

    `has_link`: the link that opens the visit is in it, by the owner's words or, `adds_link`, below them.
    """

    wording_id: int | None
    subject: str
    text: str
    paragraphs: list[SafeString]
    shows_visit: bool
    has_link: bool
    adds_link: bool
    adds_confirm_link: bool


def built_in() -> dict[Of, tuple[str, str]]:
    """Subject and body with which the owner begins words of their own, for each message that may have such."""
    return {
        (kind.name, channel, asks): (subject, _HELLO + body if channel == Channel.EMAIL else body)
        for kind in all_kinds()
        for (channel, asks), (subject, body) in kind.owner_words.items()
    }


class Wordings:
    """What the owner has in use, read when first asked for: by two statements, or one if there is nothing."""

    def of(self, message: Message, clinic: ClinicSettings, now: datetime) -> Words | None:
        """The owner's words for this message; None where the built-in ones stand."""
        visit = message.appointment
        if visit is None:
            return None
        is_asking = asks(message, now)
        choice = self._in_use.get((message.kind, message.channel, is_asking), {})
        drawn = variant_of(message.kind, message.channel, asks=is_asking, appointment_id=visit.pk)
        wording = choice.get(drawn) or next(iter(choice.values()), None)
        try:
            about = message.expires_at if message.kind == Message.Kind.LATE else None
            return filled(wording, values_of(visit, clinic, about)) if wording else None
        except BrokenWording as error:
            logger.warning("The built-in words are sent instead of wording %s: %s", wording and wording.pk, error)
            return None

    @cached_property
    def _in_use(self) -> dict[Of, dict[str, Wording]]:
        found: dict[Of, dict[str, Wording]] = {}
        rows = list(Wording.objects.active())
        names = names_of_treatments() if rows else []
        for wording in rows:
            if wrong := problems(wording, names):
                logger.warning("The built-in words are sent instead of wording %s: %s", wording.pk, wrong)
                continue
            found.setdefault((wording.kind, wording.channel, wording.asks_to_confirm), {})[wording.variant] = wording
        return found


def filled(wording: Wording, values: dict[str, str]) -> Words:
    """The wording with these values.

    Raises:
        BrokenWording
    """
    values = {name: values[name] for name in allowed(wording)}
    paragraphs = [part for part in A_BLANK_LINE.split(wording.body.replace("\r\n", "\n")) if part.strip()]
    used, is_mail = set(names_in(wording.body)), wording.channel == Channel.EMAIL
    subject = " ".join(fill(wording.subject, values).split())
    text = "\n\n".join(fill(part, values).strip() for part in paragraphs)
    if not text.strip():
        raise BrokenWording("Nothing is left to say when a placeholder has no value: write words beside it.")
    if is_mail and not subject:
        raise BrokenWording("Nothing is left of the subject: write words beside the placeholder.", "subject")
    if len(subject) > LONGEST_SUBJECT:
        raise BrokenWording(
            f"With the placeholders filled, the subject is over {LONGEST_SUBJECT} characters.", "subject"
        )
    if "phone" in used and not values["phone"]:
        raise BrokenWording("There is no telephone number in the clinic’s settings for {{phone}} to say.")
    kind = kind_named(wording.kind)
    return Words(
        wording_id=wording.pk,
        subject=subject,
        text=text,
        paragraphs=[mark_safe(_as_html(part, values)) for part in paragraphs] if is_mail else [],  # noqa: S308 -- escaped there
        shows_visit=kind.shows_visit,
        has_link=kind.has_link,
        adds_link=kind.has_link and "link" not in used,
        adds_confirm_link=wording.asks_to_confirm and "confirm_link" not in used,
    )


def values_of(visit: Appointment, clinic: ClinicSettings, about: datetime | None = None) -> dict[str, str]:
    """What the placeholders stand for in a message about this visit, which starts `about` then where it is late."""
    about = about or visit.starts_at + LATE_FOR_EXAMPLE
    return {
        "late_time": clock_time(about),
        "minutes": str((about - visit.starts_at) // timedelta(minutes=1)),
        "first_name": first_name_of(visit),
        "when": full_time(visit.starts_at),
        "day": long_day(visit.starts_at),
        "time": clock_time(visit.starts_at),
        "place": visit.location.name,
        "practitioner": visit.practitioner.name,
        "clinic": clinic.name,
        "phone": clinic.phone.as_national if clinic.phone else "",
        "reference": visit.reference,
        "link": addresses.of_visit(visit),
        "confirm_link": addresses.of_answer(visit),
    }


def longest_text(wording: Wording, now: datetime) -> str:
    """The words, as a text message has them, for someone with a long name on the longest of days.

    Raises:
        BrokenWording
    """
    return sms_length.plain(filled(wording, values_of(made_up_visit(now), ClinicSettings.load())).text)


def check_without_name(wording: Wording, now: datetime) -> None:
    """Fill it for someone whose name is not known.

    Raises:
        BrokenWording
    """
    filled(wording, values_of(made_up_visit(now), ClinicSettings.load()) | {"first_name": ""})


def made_up_visit(now: datetime) -> Appointment:
    """A visit that there is not, on a Wednesday in September at a quarter past twelve: nothing is longer to say."""
    year = clock.local(now).year + 1
    first = datetime(year, 9, 20, 12, 15, tzinfo=clock.LONDON)
    starts_at = first + timedelta(days=(2 - first.weekday()) % 7)
    longest = Length("name").desc()
    place, practitioner = Location.objects.order_by(longest).first(), Practitioner.objects.order_by(longest).first()
    visit = Appointment(
        reference="MADEUP22",
        status=Status.BOOKED,
        during=span(starts_at, starts_at + timedelta(minutes=30)),
        patient=Patient(full_name="Alexandria Featherstone", email="alexandria@example.com"),
        practitioner=practitioner or Practitioner(name="Nurse Alexandria"),
        location=place or Location(name="The clinic", address=""),
        treatment=Treatment.objects.order_by(longest).first() or Treatment(name="A consultation"),
    )
    visit.revoke_link()
    return visit


def _as_html(paragraph: str, values: dict[str, str]) -> str:
    """The paragraph, escaped; a link that stands in it alone is a button."""
    shown = {name: escape(value) for name, value in values.items()}
    link = _BUTTON if is_alone(paragraph) else '<a href="{}" style="color:inherit;font-weight:600">{}</a>'
    for name, says in (("link", "See your visit"), ("confirm_link", "Confirm your visit")):
        if name in shown:
            shown[name] = format_html(link, values[name], says)
    return fill(escape(paragraph), shown).strip().replace("\n", "<br>")
