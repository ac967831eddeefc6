"""What an unproven person typed when booking, judged by staff who can ask the patient."""

from __future__ import annotations

from django.db import transaction

from bookings.engine.eligibility import update_contact
from bookings.visits.models import Appointment
from clinic.patients.models import Patient

NOTHING = {"typed_phone": "", "typed_contact_by": ""}


def has_typed(visit: Appointment) -> bool:
    """Whether there is something to judge."""
    return bool(visit.patient_id and (visit.typed_phone or visit.typed_contact_by))


def shown(visit: Appointment) -> str:
    """What staff judge, to be told apart from what is typed later."""
    return f"{visit.typed_phone}|{visit.typed_contact_by}"


def accept(visit: Appointment, seen: str) -> bool:
    """Staff have asked the patient: the record says from now on what was typed. Whether it was there as `seen`."""
    with transaction.atomic():
        kept = Appointment.objects.select_for_update(of=("self",)).get(pk=visit.pk)
        if kept.patient_id is None or not has_typed(kept) or shown(kept) != seen:
            return False
        patient = Patient.objects.select_for_update(no_key=True).get(pk=kept.patient_id)
        update_contact(patient, phone=str(kept.typed_phone), contact_by=kept.typed_contact_by)
        Appointment.objects.filter(pk=kept.pk).update(is_unproven=False, **NOTHING)
    return True


def dismiss(visit: Appointment, seen: str) -> bool:
    """The record stands as it is. Whether there was something to judge, as `seen`."""
    with transaction.atomic():
        kept = Appointment.objects.select_for_update(of=("self",)).get(pk=visit.pk)
        if not has_typed(kept) or shown(kept) != seen:
            return False
        Appointment.objects.filter(pk=kept.pk).update(**NOTHING)
    return True
