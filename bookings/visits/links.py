"""How long the link of a visit opens it, and the end of links in a mailbox that is not the patient's any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from bookings.visits.models import Appointment
from clinic.core.sealing.secret_links import LinkQuerySet
from clinic.patients.corrections import correct
from clinic.patients.models import Patient

LIVES_ON = timedelta(hours=24)
LinksOf = Callable[[Patient], Iterable["LinkQuerySet[Any]"]]
_MORE: list[LinksOf] = []


def register(links_of: LinksOf) -> None:
    """Tell of other rows of a patient whose links end with those of their visits; their package calls this when it is ready."""
    _MORE.append(links_of)


def link_is_live(appointment: Appointment, now: datetime) -> bool:
    """A link opens its visit until a day after its end."""
    return now <= appointment.ends_at + LIVES_ON


def correct_details(*, patient: Patient, seen: str, details: dict[str, Any], now: datetime) -> tuple[Patient, Patient]:
    """As `corrections.correct`, and end the links in the mailbox that the record had; gives it before and after.

    Raises:
        ChangedMeanwhile, KnownAlready: as for `correct`.
    """
    with transaction.atomic():
        before = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        after = correct(patient=patient, seen=seen, details=details)
        if before.email and before.email.lower() != after.email.lower():
            end_links(after, now)
    return before, after


def end_links(patient: Patient, now: datetime) -> None:
    """Give visits, and what the patient waits for, other links. Within a transaction, the patient locked before.

    Letters to come have the new ones; `/visit/find/` sends those of coming visits to the record's address.
    """
    visits = Appointment.objects.visits().filter(patient=patient, during__endswith__gt=now - LIVES_ON)
    for rows in (visits, *(more for of in _MORE for more in of(patient))):
        for row in rows.order_by("pk").select_for_update(of=("self",)):
            row.revoke_link()
            rows.model.objects.filter(pk=row.pk).update(link_salt=row.link_salt, link_digest=row.link_digest)
