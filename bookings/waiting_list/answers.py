"""What the person who waits answers to an offer: taken, declined."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from bookings.engine.booking import confirm
from bookings.engine.eligibility import (
    PatientDetails,
    details_of,
)
from bookings.engine.transactions import lock_practitioners
from bookings.messages.models import Message
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import IllegalMove
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.core.sealing.fields import readable

State = WaitingEntry.State


def take(offer: Offer, now: datetime) -> Appointment:
    """Book the offered time for the person who waits. Twice gives the same visit; a lapsed offer is taken if still free.

    Another offer that is open to the person by then is given up.

    Raises:
        IllegalMove: it was declined. SlotTaken: it lapsed and someone else has the time. And what `confirm` raises.
    """
    entry = offer.entry
    with transaction.atomic():
        lock_practitioners([offer.practitioner_id])
        WaitingEntry.objects.select_for_update().get(pk=entry.pk)
        kept = Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)
        if kept.state == Offer.State.DECLINED:
            raise IllegalMove("You have given this time up. We will write again when another comes free.")
        give_up_open_offers(entry, now, but=kept)
        visit = confirm(hold=offer.appointment, details=_details_of(entry), now=now)
        _answer(kept, Offer.State.TAKEN, now)
        WaitingEntry.objects.filter(pk=entry.pk).update(state=State.BOOKED)
    return visit


def decline(offer: Offer, now: datetime) -> bool:
    """Give the offered time up; the person goes on waiting. Idempotent. False if it was taken, and stays so."""
    with transaction.atomic():
        lock_practitioners([offer.practitioner_id])
        kept = Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)
        if kept.state == Offer.State.OPEN:
            _free(kept, now)
        return kept.state != Offer.State.TAKEN


def give_up_open_offers(entry: WaitingEntry, now: datetime, but: Offer | None = None) -> None:
    """With the entry locked no sweep makes another. To free a time needs no lock of the diary, which would come first."""
    for offer in entry.offers.select_for_update(of=("self",)).filter(state=Offer.State.OPEN):
        if offer != but:
            _free(offer, now)


def _free(offer: Offer, now: datetime) -> None:
    _answer(offer, Offer.State.DECLINED, now)
    Appointment.objects.filter(pk=offer.appointment_id, status=Status.HELD).update(status=Status.EXPIRED)


def _answer(offer: Offer, state: str, now: datetime) -> None:
    Offer.objects.filter(pk=offer.pk).update(state=state, answered_at=now)
    withdraw_messages([offer.pk])


def withdraw_messages(offers: list[int]) -> None:
    Message.objects.unsent().filter(offer__in=offers).update(state=Message.State.WITHDRAWN, lease_until=None)


def _details_of(entry: WaitingEntry) -> PatientDetails:
    """Who waits, with what an unproven person typed."""
    known = details_of(entry.patient, readable(entry, "note"), is_proved=not entry.is_unproven)
    return replace(
        known, phone=str(entry.typed_phone) or known.phone, contact_by=entry.typed_contact_by or known.contact_by
    )
