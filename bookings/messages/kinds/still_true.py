"""Whether a message that was planned a while ago is still so, and still wanted. Asked just before it goes out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bookings.messages.delivery.sent_marks import RowVersion
from bookings.messages.models import Message
from bookings.messages.planning import aftercare, staff_notices
from bookings.messages.planning.visit_messages import wants
from bookings.visits.models import Appointment
from bookings.visits.models.appointment import UPCOMING, Status
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.patients.models import Patient

Kind, Channel = Message.Kind, Message.Channel
BY_CHOICE = (Kind.REMINDER, Kind.FOLLOW_UP, Kind.REVIEW)  # an invitation was asked for by itself, and by e-mail
ABOUT_WAITING = (Kind.OFFER, Kind.WAITING)
BY_DAY = (Kind.REMINDER, Kind.OFFER, *aftercare.AFTER)  # the others answer what someone has just done


def visits_of(pks: Iterable[int | None]) -> dict[int | None, Any]:
    """The visits as they stand now, by id: what messages may tell of them, and nothing heavier; each with `row_version`."""
    patient = ("full_name", "email", "phone", "contact_by", "letter_format", "marketing_opted_in_at")
    people = ("practitioner__name", *(f"patient__{name}" for name in patient))
    place = ("location__name", "location__address", "location__directions")
    names = ("name", "is_prescription_only", "asks_date_of_birth_first", "change_window_hours")
    agreed = ("price", "price_is_from", "created_at", *(f"treatment__{name}" for name in names))
    own = ("reference", "status", "during", "version", "treatment", "was_cancelled_late", "link_salt", "link_digest")
    rows = (
        Appointment.objects.filter(pk__in={pk for pk in pks if pk})
        .select_related("patient", "practitioner", "location", "treatment")
        .only(*own, *people, *place, *agreed)
        .annotate(row_version=RowVersion("reference", "patient__full_name"))
    )
    return {visit.pk: visit for visit in rows}


def why_untrue(message: Message, appointment: Appointment | None, now: datetime) -> str:
    """Why what the message says is not so any more; nothing if it is."""
    if message.kind == Kind.STAFF_NOTICE:
        return staff_notices.why_untrue(message, appointment)
    if appointment is None:
        if message.kind == Kind.WAITING:
            waits = message.entry is not None and message.entry.state == WaitingEntry.State.WAITING
            return "" if waits else "The person is not on the waiting list any more."
        is_closed = message.offer_id and not Offer.objects.open(now).filter(pk=message.offer_id).exists()
        return "The offer is closed." if is_closed else ""
    if message.kind in aftercare.AFTER:
        return aftercare.why_untrue(message, appointment)
    return _why_not_coming(message, appointment)


def _why_not_coming(message: Message, appointment: Appointment) -> str:
    if message.kind == Kind.CANCELLED and appointment.status != Status.CANCELLED:
        return "The visit is not cancelled."
    if message.kind in {Kind.CONFIRMATION, Kind.MOVED, Kind.REMINDER}:
        if appointment.status not in UPCOMING:
            return "The visit is no longer to come."
        if appointment.starts_at != message.expires_at:
            return "The visit has another time."
    return ""


def reader_of(message: Message) -> Patient | None:
    """The patient whom it is to reach where and as she wants today; none if it is for staff, or for whoever asked."""
    if message.kind == Kind.STAFF_NOTICE:
        return None
    visit = message.appointment
    return visit.patient if visit else message.patient if message.kind in ABOUT_WAITING else None


def why_unwanted(message: Message, reader: Patient) -> str:
    """Why this message cannot reach them this way any more, or they have said since that it should not; or nothing."""
    if message.channel not in reader.reached_by:
        is_mail = message.channel == Channel.EMAIL
        return "There is no email address." if is_mail else "This number cannot take text messages."
    is_a_choice = message.kind in BY_CHOICE or message.channel == Channel.SMS
    if is_a_choice and not wants(reader, message.channel):
        return "The patient prefers another way of contact."
    return ""
