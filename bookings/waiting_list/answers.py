"""What becomes of an offer: taken, declined, lapsed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

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
from clinic.core import clock

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


def lapse(now: datetime) -> int:
    """Close what is over: offers nobody answered in time, wishes that were met, days that have passed.

    Gives how many offers lapsed; their times are free again.
    """
    with transaction.atomic():
        over = Offer.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            state=Offer.State.OPEN, expires_at__lte=now
        )
        ids = list(over.values_list("pk", flat=True))
        Offer.objects.filter(pk__in=ids).update(state=Offer.State.LAPSED, answered_at=now)
        Appointment.objects.dead_holds(now).filter(offer__in=ids).update(status=Status.EXPIRED)
        _withdraw(ids)
    has_open = Exists(Offer.objects.filter(entry=OuterRef("pk"), state=Offer.State.OPEN))
    waiting = WaitingEntry.objects.waiting().filter(~has_open)
    met = (
        Appointment.objects.standing()
        .filter(
            patient=OuterRef("patient"),
            treatment=OuterRef("treatment"),
            created_at__gte=OuterRef("created_at"),
            during__startswith__date__range=(OuterRef("first_day"), OuterRef("last_day")),
        )
        .filter(Q(is_unproven=False) | Q(is_unproven=OuterRef("is_unproven")))
    )  # a stranger's visit is not the patient's
    waiting.filter(Exists(met)).update(state=State.BOOKED)
    waiting.filter(last_day__lt=clock.today(now)).update(state=State.ENDED)
    return len(ids)


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
    _withdraw([offer.pk])


def _withdraw(offers: list[int]) -> None:
    Message.objects.unsent().filter(offer__in=offers).update(state=Message.State.WITHDRAWN, lease_until=None)


def _details_of(entry: WaitingEntry) -> PatientDetails:
    """Who waits, with what an unproven person typed."""
    known = details_of(entry.patient, entry.note, is_proved=not entry.is_unproven)
    return replace(
        known, phone=str(entry.typed_phone) or known.phone, contact_by=entry.typed_contact_by or known.contact_by
    )
