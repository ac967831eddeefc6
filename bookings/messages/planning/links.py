"""The links of an address's coming visits, sent to whoever asks there."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models.functions import Lower

from bookings.messages.models import Message
from bookings.visits.models import Appointment
from clinic.patients.models import Patient

Kind, Channel = Message.Kind, Message.Channel


LINKS_EVERY = timedelta(minutes=5)


LINKS_LAST = timedelta(hours=1)
MOST_A_DAY = 10  # to one mailbox: whoever knows an address could have it filled


def plan_links(email: str, now: datetime) -> Message | None:
    """Send an address the links of its coming visits; nothing if it has none, or asked a moment ago or often.

    The caller gives the same answer either way: who is a patient here is nobody's business.
    """
    address = email.strip().lower()
    patients = Patient.objects.alias(address=Lower("email")).filter(address=address)
    visit = Appointment.objects.upcoming(now).filter(patient__in=patients).select_related("patient").first()
    if visit is None or visit.patient is None:
        return None
    sent = Message.objects.filter(kind=Kind.LINKS, recipient__iexact=address, due_at__gt=now - timedelta(days=1))
    if sent.count() >= MOST_A_DAY:
        return None
    window = int(now.timestamp() // LINKS_EVERY.total_seconds())
    message, is_new = Message.objects.get_or_create(
        key=f"links:{sha256(address.encode()).hexdigest()[:24]}:{window}",
        defaults={
            "kind": Kind.LINKS,
            "channel": Channel.EMAIL,
            "patient": visit.patient,
            "recipient": visit.patient.email,
            "due_at": now,
            "expires_at": now + LINKS_LAST,
        },
    )
    return message if is_new else None
