"""Give a patient a link to one thing, find its address, and end it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from bookings.visits.links import LIVES_ON
from clinic.patients.models import Patient
from clinic.records.links.models import MOST_TRIES, Purpose, RecordLink, RecordLinkQuerySet


def link_to(
    subject: UUID | int | str, *, purpose: Purpose, patient: Patient, expires_at: datetime, now: datetime
) -> RecordLink:
    """Give the live link to it, for longer if `expires_at` is later; a new one where it has ended or has no tries left."""
    with transaction.atomic():
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        rows = RecordLink.objects.filter(purpose=purpose, subject=str(subject), revoked_at=None)
        known = rows.select_for_update().first()
        if known and known.patient_id == patient.pk and known.expires_at > now and known.birthday_tries < MOST_TRIES:
            if known.expires_at < expires_at:
                known.expires_at = expires_at
                known.save(update_fields=["expires_at"])
            return known
        rows.update(revoked_at=now)
        return RecordLink.objects.create(
            patient=patient, purpose=purpose, subject=str(subject), made_at=now, expires_at=expires_at
        )


def end_link(subject: UUID | int | str, *, purpose: Purpose, now: datetime) -> bool:
    """Let the link to it open nothing any more. False if there was none."""
    rows = RecordLink.objects.filter(purpose=purpose, subject=str(subject), revoked_at=None)
    return rows.update(revoked_at=now) > 0


def address_of(link: RecordLink) -> str:
    """Its address with its secret, for a message."""
    return f"{settings.SITE_URL}{reverse('records:link', args=[link.link_token])}"


def until_after(visit_ends_at: datetime) -> datetime:
    """When a link that belongs to a visit ends: with the visit's own."""
    return visit_ends_at + LIVES_ON


def forget_ended(now: datetime, *, after: timedelta = timedelta(days=30)) -> int:
    """Delete the rows of links that ended long ago; gives how many."""
    return RecordLink.objects.filter(expires_at__lt=now - after).delete()[0]


def links_of(patient: Patient) -> Iterable[RecordLinkQuerySet]:
    """The links that end when the patient's mailbox is another: `bookings.visits.links` gives them other secrets."""
    rows: RecordLinkQuerySet = RecordLink.objects.filter(patient=patient, revoked_at=None)
    return [rows]
