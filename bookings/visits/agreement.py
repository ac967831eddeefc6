"""What a confirmation says beside time and place: all that was agreed, on a medium that the patient can keep.

Consumer Contracts Regulations 2013, regs 13 and 16 and Schedules 2 and 3. A prescription-only medicine
is not named, and the 14 days are not offered for it: reg. 6(1)(f) leaves it out, and it is never booked online.
What only the owner can know stands in the clinic's settings; what is empty there is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bookings.visits import addresses
from bookings.visits.models import Appointment
from bookings.visits.owner_texts import lawful
from clinic.core import clock
from clinic.core.formats import full_time, long_date
from clinic.core.models import ClinicSettings

DAYS_TO_CANCEL = timedelta(days=14)  # after the day of the contract: reg. 30
NOTHING_NOW = "There is nothing to pay now."
PHOTO_ID = (
    "Please bring photo ID that shows your date of birth, such as a passport or driving licence. We check everyone’s."
)


@dataclass(frozen=True, slots=True)
class Section:
    """Rendered alike in both parts of the e-mail. A paragraph may have several lines."""

    title: str
    paragraphs: list[str]
    link: str = ""
    link_says: str = ""


def sections(visit: Appointment, clinic: ClinicSettings, now: datetime) -> list[Section]:
    """In the order in which they are read: what is to come first, the form that few will need last."""
    found = [
        Section("What you booked", [_what(visit), _price(visit), *_paragraphs(clinic.booking_terms)]),
        Section("Before you come", _before(visit, clinic)),
        *_right_to_cancel(visit, clinic, now),
        Section(
            "If you are not happy with something",
            ["Please tell us, in any way that suits you."],
            addresses.of_complaints(),
            "How we deal with complaints",
        ),
        Section("Who we are", [_lines(_trader(clinic)), *_paragraphs(clinic.legal_details)]),
        *_form(visit, clinic, now),
    ]
    return [section for section in found if section.paragraphs]


def until(movable_until: datetime | None) -> str:
    """How long the patient can still change the visit online, from `moves_until`: never a deadline that is past."""
    if movable_until:
        return (
            f"You can move or cancel your visit online until {full_time(movable_until)}. "
            "After that you can still tell us there that you can’t come, until it begins."
        )
    return (
        "If you can’t come, you can tell us online until your visit begins. "
        "It is too close to move it online: to look for another time, please call us."
    )


def link_says(movable_until: datetime | None) -> str:
    """The words on the link to the visit's page: what can be done there when the message goes out."""
    return "See, move or cancel your visit" if movable_until else "See your visit, or tell us you can’t come"


def _what(visit: Appointment) -> str:
    what = "Your visit" if visit.treatment.is_prescription_only else visit.treatment.name
    return f"{what}, {visit.minutes} minutes, with {visit.practitioner.name}."


def _price(visit: Appointment) -> str:
    price = visit.agreed_price
    if not price:
        return f"{NOTHING_NOW} We agree any price with you before anything starts."
    if visit.price_is_from:
        return f"Price: {price}. We agree the exact price with you before anything starts. {NOTHING_NOW}"
    return f"Price: {price}. That is the whole price. {NOTHING_NOW}" if visit.price else f"Price: {price}."


def _before(visit: Appointment, clinic: ClinicSettings) -> list[str]:
    bring = [PHOTO_ID] if visit.treatment.asks_date_of_birth_first else []
    return [*bring, *_paragraphs(clinic.before_visit), *_paragraphs(visit.location.directions)]


def _right_to_cancel(visit: Appointment, clinic: ClinicSettings, now: datetime) -> list[Section]:
    last_day = _last_day(visit, now)
    if visit.treatment.is_prescription_only or clock.today(now) > last_day:
        return []
    how = (
        "If you booked at a distance (online, by email or by telephone), you have 14 days to change your mind: until the "
        f"end of {long_date(last_day)} you can cancel without giving a reason, and pay nothing. Tell us in any clear way, "
        "such as by the link to your visit, by email or by telephone. You can use the form below, but need not."
    )
    paragraphs = [how]
    if clock.today(visit.starts_at) <= last_day:
        paragraphs.append(
            "Your visit is before those 14 days are over: by asking for that day you asked us to go ahead. Once it has "
            "taken place in full, this right has ended."
        )
    return [Section("If you change your mind", paragraphs)]


def _form(visit: Appointment, clinic: ClinicSettings, now: datetime) -> list[Section]:
    """Schedule 3, part B."""
    if not _right_to_cancel(visit, clinic, now):
        return []
    to = ", ".join(filter(None, [clinic.name, *clinic.address_lines, clinic.email]))
    lines = [
        f"To {to}:",
        "I give notice that I cancel my contract for the supply of the following service:",
        f"visit {visit.reference}, booked on {long_date(_booked_on(visit, now))}.",
        "Name:",
        "Address:",
        "Signature (only if on paper):",
        "Date:",
    ]
    return [Section("Form to cancel", [_lines(lines)])]


def _trader(clinic: ClinicSettings) -> list[str]:
    phone = clinic.phone.as_national if clinic.phone else ""
    return [line for line in (clinic.name, *clinic.address_lines, phone, clinic.email) if line]


def _booked_on(visit: Appointment, now: datetime) -> date:
    return clock.today(visit.created_at or now)


def _last_day(visit: Appointment, now: datetime) -> date:
    return _booked_on(visit, now) + DAYS_TO_CANCEL


def _paragraphs(text: str) -> list[str]:
    parts = lawful(text).replace("\r\n", "\n").split("\n\n")
    return [part.strip() for part in parts if part.strip()]


def _lines(lines: list[str]) -> str:
    return "\n".join(lines)
