"""A visit as rows of label and value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import phonenumbers

from bookings.messages.planning.reach import why_no_texts
from bookings.online.views.booking.flow import Draft
from bookings.visits.models import Appointment
from clinic.core.formats import full_time, written_date
from clinic.patients.models import Patient
from clinic.patients.validation import UNITED_KINGDOM


@dataclass(frozen=True, slots=True)
class Row:
    """`href` leads to where it can be changed; `what` says so to those who hear the page."""

    label: str
    value: str
    href: str = ""
    what: str = ""


def when_text(appointment: Appointment) -> str:
    return f"{full_time(appointment.starts_at)} (UK time)"


def visit_rows(appointment: Appointment, *, change_visit: str = "", change_time: str = "") -> list[Row]:
    """What, when, with whom, where, how much; the treatment by its name, as in the patient's own record."""
    place = "\n".join([appointment.location.name, *appointment.location.address_lines])
    rows = [
        Row("Visit", f"{appointment.treatment.name}, {appointment.minutes} minutes", change_visit, "what it is for"),
        Row("When", when_text(appointment), change_time, "day and time"),
        Row("With", appointment.practitioner.name, change_visit, "who you see"),
        Row("Where", place),
        Row("Price", appointment.agreed_price.capitalize()),
    ]
    return [row for row in rows if row.value]


def as_dialled(phone: str) -> str:
    """A number as it is dialled from the United Kingdom."""
    number = phonenumbers.parse(phone)
    home = number.country_code == UNITED_KINGDOM
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def reminded_by(answers: Mapping[str, Any]) -> str:
    """The way the patient chose, and why no text messages come where the number takes none."""
    chosen = Patient.Channel(answers["contact_by"])
    phone = answers["phone"]
    reason = why_no_texts(phone, as_dialled(phone)) if chosen != Patient.Channel.EMAIL and phone else ""
    return f"{Patient.Channel.EMAIL.label}. {reason}." if reason else str(chosen.label)


def patient_rows(draft: Draft, *, change: str = "", change_birthday: str = "") -> list[Row]:
    answers = draft.details
    return [
        Row("Full name", answers["full_name"], change, "full name"),
        Row(
            "Date of birth",
            written_date(draft.date_of_birth) if draft.date_of_birth else "",
            change_birthday,
            "date of birth",
        ),
        Row("Email address", answers["email"], change, "email address"),
        Row("Mobile number", as_dialled(answers["phone"]), change, "mobile number"),
        Row("Reminders by", reminded_by(answers), change, "how we remind you"),
        Row(
            "Invitations to come again", "By email" if answers.get("marketing_opt_in") else "No", change, "invitations"
        ),
        Row("Note", answers["note"] or "None", change, "note"),
    ]
