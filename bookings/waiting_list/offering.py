"""Hold a time for one person who waits, and tell them: what the sweep and the desk both do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from bookings.desk.who_waits import LEAST_TIME
from bookings.engine.eligibility import check_patient
from bookings.engine.placement import at_its_price, choose_slot, place
from bookings.engine.transactions import in_transaction, lock_practitioners
from bookings.messages.models import Message
from bookings.messages.planning.rows import address_of, wants
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import ACTIVE, Status
from bookings.visits.policy import Policy
from bookings.visits.refusals import PatientBusy
from bookings.visits.slot import Slot
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner

Channel = Message.Channel


@dataclass(frozen=True, slots=True)
class Answering:
    """When the person is told, and how long they have to answer."""

    begins: datetime
    most: timedelta
    before_visit: timedelta

    def until(self, slot: Slot) -> datetime | None:
        """When the offer of this time ends; None if there is too little time to answer."""
        ends = min(self.begins + self.most, slot.starts_at - self.before_visit)
        return ends if ends - self.begins >= LEAST_TIME else None


def hold_for(entry: WaitingEntry, slot: Slot, now: datetime, *, policy: Policy, answering: Answering) -> Offer | None:
    """Hold `slot` and offer it; None if someone has offered them another meanwhile.

    Raises:
        SlotTaken: it is no longer free. PatientBusy: they have a visit then. And what `check_patient` raises.
    """
    practitioner = Practitioner(pk=slot.practitioner_id)

    def work() -> Offer | None:
        lock_practitioners([slot.practitioner_id])
        if not WaitingEntry.objects.waiting().select_for_update().filter(pk=entry.pk).exists():
            return None
        _check_person(entry, slot, policy, now)
        found = choose_slot(entry.treatment, practitioner, slot.starts_at, now, policy=policy)
        expires_at = answering.until(found) or now
        held = at_its_price(entry.treatment, status=Status.HELD, hold_expires_at=expires_at)
        place(held, found, now)
        held.save(force_insert=True)
        offer = Offer.objects.create(
            entry=entry,
            appointment=held,
            practitioner_id=slot.practitioner_id,
            starts_at=slot.starts_at,
            created_at=now,
            expires_at=expires_at,
        )
        _tell(offer, entry, answering.begins)
        return offer

    try:
        with transaction.atomic():
            return in_transaction(work, alternatives=list)
    except IntegrityError:
        return None  # another sweep has just made them an offer


def ways_to_tell(patient: Patient) -> list[str]:
    """By which channels an offer goes: always by e-mail where there is an address, by text to those who want texts."""
    return [way for way in patient.reached_by if way == Channel.EMAIL or wants(patient, way)]


def _check_person(entry: WaitingEntry, slot: Slot, policy: Policy, now: datetime) -> None:
    during = span(slot.starts_at, slot.ends_at)
    own = Appointment.objects.filter(patient=entry.patient, status__in=ACTIVE, during__overlap=during)
    if own.exists():
        raise PatientBusy
    asked = Appointment(treatment=entry.treatment, during=during, is_unproven=entry.is_unproven)
    check_patient(entry.patient, asked, now, policy)


def _tell(offer: Offer, entry: WaitingEntry, begins: datetime) -> None:
    patient = entry.patient
    Message.objects.bulk_create(
        Message(
            key=f"offer:{offer.pk}:{channel}",
            kind=Message.Kind.OFFER,
            channel=channel,
            offer=offer,
            patient=patient,
            recipient=address_of(patient, channel),
            due_at=begins,
            expires_at=offer.expires_at,
        )
        for channel in ways_to_tell(patient)
    )
