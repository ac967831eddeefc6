"""Read the visits of messages afresh, just before they go out, and ask whether their reader still wants them so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bookings.messages.delivery.sent_marks import RowVersion
from bookings.messages.kinds import kind_of
from bookings.messages.models import Message
from bookings.messages.planning.rows import wants
from bookings.visits.models import Appointment
from clinic.patients.models import Patient

Channel = Message.Channel


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


def why_unwanted(message: Message, reader: Patient) -> str:
    """Why this message cannot reach them this way any more, or they have said since that it should not; or nothing."""
    if message.channel not in reader.reached_by:
        is_mail = message.channel == Channel.EMAIL
        return "There is no email address." if is_mail else "This number cannot take text messages."
    is_a_choice = kind_of(message).is_by_choice or message.channel != Channel.EMAIL
    if is_a_choice and not wants(reader, message.channel):
        return "The patient prefers another way of contact."
    return ""
