"""How a patient can be written to, and what cannot be sent: told where someone chooses, and to staff who book."""

from __future__ import annotations

from datetime import datetime

from bookings.messages.models import Message
from bookings.visits.models import Appointment
from clinic.patients import validation
from clinic.patients.models import Patient

Channel = Patient.Channel


def why_no_texts(phone: str, dialled: str = "") -> str:
    """Why no text message is planned to this number; nothing if it takes them, or there is none."""
    if not phone or validation.takes_texts(phone):
        return ""
    return f"We cannot send text messages to {dialled or phone}, because it is not a mobile number"


def cannot_be_sent(patient: Patient) -> str:
    """What cannot be sent to this patient, for staff who can give it by word of mouth; nothing if all can."""
    ways = patient.reached_by
    if not ways:
        return (
            "Nothing can be sent: there is no email address and no mobile number. Please tell the patient when to come."
        )
    if Channel.EMAIL not in ways:
        return (
            "There is no email address: the confirmation and reminders go by text message, without a calendar file. "
            "The link in the text opens the page with the terms and the right to cancel."
        )
    wants_texts = patient.contact_by in {Channel.SMS, Channel.BOTH}
    if wants_texts and Channel.SMS not in ways:
        return "There is no mobile number: reminders go by email only."
    return ""


def told_of_change(visit: Appointment, now: datetime) -> str:
    """What its patient hears of the change by staff that has just made this version of the visit, for the staff."""
    tells = (Message.Kind.CONFIRMATION, Message.Kind.MOVED, Message.Kind.CANCELLED)
    rows = visit.messages.filter(appointment_version=visit.version, kind__in=tells)
    if due_at := rows.unsent().values_list("due_at", flat=True).first():
        return "The patient is told in three minutes." if due_at > now else "The patient is told at once."
    if visit.patient and not visit.patient.reached_by:
        return "Nothing can be sent to the patient: please tell them."
    if visit.has_begun(now):
        return "Nothing is sent, because it has begun."
    return "The patient had not been told otherwise, and hears nothing."
