"""End the links that lie in a mailbox which is not the patient's any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bookings.visits.models import Appointment
from clinic.patients.models import Patient

LIVES_ON = timedelta(hours=24)  # after a visit its link opens it so long


def end_links(patient: Patient, now: datetime) -> None:
    """Give visits, and what the patient waits for, other links. Within a transaction, the patient locked before.

    Letters to come have the new ones; `/visit/find/` sends those of coming visits to the record's address.
    """
    visits = Appointment.objects.visits().filter(patient=patient, during__endswith__gt=now - LIVES_ON)
    _give_others(visits)
    waiting: Any = patient.waiting_entries  # type: ignore[attr-defined]  # the waiting list stands above this layer
    _give_others(waiting.filter(state="waiting"))
    offers: Any = waiting.model.offers.rel.related_model
    _give_others(offers.objects.filter(entry__patient=patient, state="open"))


def _give_others(rows: Any) -> None:
    for row in rows.order_by("pk").select_for_update(of=("self",)):
        row.revoke_link()
        rows.model.objects.filter(pk=row.pk).update(link_salt=row.link_salt, link_digest=row.link_digest)
