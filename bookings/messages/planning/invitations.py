"""Consent to marketing: asking for invitations, and stopping them from any of them."""

from __future__ import annotations

from datetime import datetime

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models.functions import Lower

from bookings.messages.models import Message
from clinic.patients.models import Patient

Kind, State = (Message.Kind, Message.State)


_SIGNER = "bookings.unsubscribe"


def opt_in(patient: Patient, now: datetime) -> None:
    """Record that the patient asks for invitations by e-mail; idempotent: the first time is kept."""
    Patient.objects.filter(pk=patient.pk, marketing_opted_in_at=None).update(marketing_opted_in_at=now)


def opt_out(patient: Patient) -> None:
    """No more invitations to this address, whoever of a family shares it; what is planned is taken back. Idempotent."""
    same_address = Patient.objects.filter(pk=patient.pk)
    if patient.email:
        same_address = Patient.objects.alias(address=Lower("email")).filter(address=patient.email.lower())
    with transaction.atomic():
        same_address.exclude(marketing_opted_in_at=None).update(marketing_opted_in_at=None)
        planned = Message.objects.unsent().filter(kind=Kind.RECALL, patient__in=same_address)
        planned.update(state=State.WITHDRAWN, lease_until=None)


def token_of(patient: Patient) -> str:
    """The signed part of the address at which a patient stops invitations, without a login; it does not run out."""
    return Signer(salt=_SIGNER, sep=".").sign(str(patient.pk))


def patient_of(token: str) -> Patient | None:
    """Whose token this is; None if we did not sign it, or the record is gone."""
    try:
        pk = Signer(salt=_SIGNER, sep=".").unsign(token)
    except BadSignature:
        return None
    return Patient.objects.filter(pk=pk).first()
