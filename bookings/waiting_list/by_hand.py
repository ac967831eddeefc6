"""Staff offer one free time of the diary to one person who waits, and take the offer back before it was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from bookings.desk.who_waits import BEFORE_VISIT, told_at
from bookings.engine.availability.free_times import free_at
from bookings.engine.transactions import lock_practitioners
from bookings.messages.models import Message
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.statuses import Status
from bookings.visits.policy import policy_for
from bookings.visits.refusals import (
    IllegalMove,
    NeedsConsultation,
    NewPatientsOnly,
    NotBookable,
    PatientBusy,
    Refusal,
    ReturningPatientsOnly,
    SlotTaken,
    TooManyVisits,
)
from bookings.waiting_list.models import Offer, WaitingEntry
from bookings.waiting_list.offering import Answering, hold_for, ways_to_tell
from bookings.waiting_list.wishes import wishes_of
from clinic.core.formats import short_time
from clinic.practitioners.models import Practitioner

WHY_NOT: dict[type[Refusal], str] = {
    PatientBusy: "{who} has another visit at this time.",
    TooManyVisits: "{who} has as many coming visits as can be booked online.",
    NeedsConsultation: "{who} has had no consultation in time for this.",
    NewPatientsOnly: "This is for a first visit only, and {who} has been here before.",
    ReturningPatientsOnly: "This is for people who have been here before, and {who} has not.",
}


def offer_time(*, entry: WaitingEntry, practitioner: Practitioner, starts_at: datetime, now: datetime) -> Offer:
    """Keep a free time for someone who waits, whether or not others could book it online, and tell them in a moment.

    Twice gives the same offer. The texts of what is raised are for staff.

    Raises:
        SlotTaken: it is not free any more.
        NotBookable: there is too little time to answer, or no way to tell them.
        IllegalMove: they wait no more, have an offer, had this one before, or wish otherwise by now.
        PatientBusy, TooManyVisits, NeedsConsultation and the like: they may not have it.
    """
    if standing := _standing(entry, practitioner, starts_at):
        return standing
    who = entry.patient.short_name
    policy = policy_for(entry.treatment).at_the_desk().however_far()
    found = free_at(treatment=entry.treatment, practitioner=practitioner, starts_at=starts_at, now=now, policy=policy)
    if not found:
        raise SlotTaken
    if not wishes_of(entry).suit(found[0]):
        raise IllegalMove(f"This time does not suit {who} any more: they have changed what they wait for.")
    if not ways_to_tell(entry.patient):
        raise NotBookable(f"Nothing can be sent to {who}: please ring them, and book by hand.")
    most = timedelta(minutes=BookingSettings.load().offer_minutes)
    answering = Answering(begins=told_at(now), most=most, before_visit=BEFORE_VISIT)
    if answering.until(found[0]) is None:
        raise NotBookable(f"There is too little time left for {who} to answer: please ring them, and book by hand.")
    try:
        offer = hold_for(entry, found[0], now, policy=policy, answering=answering)
    except tuple(WHY_NOT) as refusal:
        raise type(refusal)(WHY_NOT[type(refusal)].format(who=who)) from refusal
    offer = offer or _standing(entry, practitioner, starts_at)
    if offer is None:
        raise IllegalMove(f"{who} has been offered this time before.")
    return offer


def _standing(entry: WaitingEntry, practitioner: Practitioner, starts_at: datetime) -> Offer | None:
    """The very offer, if it is open already.

    Raises:
        IllegalMove: they wait no more, or have another offer.
    """
    who = entry.patient.short_name
    if not WaitingEntry.objects.waiting().filter(pk=entry.pk).exists():
        raise IllegalMove(f"{who} is not on the waiting list any more.")
    offer = Offer.objects.select_related("entry__patient").filter(entry=entry, state=Offer.State.OPEN).first()
    if offer and (offer.practitioner_id, offer.starts_at) != (practitioner.pk, starts_at):
        raise IllegalMove(f"{who} has just been offered another time: {short_time(offer.starts_at)}.")
    return offer


def take_back(offer: Offer) -> None:
    """Undo an offer of which nobody has been told yet: as if it had not been made. Idempotent.

    Raises:
        IllegalMove: they have been told, or have answered.
    """
    who = offer.entry.patient.short_name
    with transaction.atomic():
        lock_practitioners([offer.practitioner_id])
        kept = Offer.objects.select_for_update(of=("self",)).filter(pk=offer.pk).first()
        if kept is None:
            return
        messages = Message.objects.filter(offer=kept)
        planned = list(messages.select_for_update(of=("self",)).values_list("pk"))
        if kept.state != Offer.State.OPEN or messages.unsent().count() < len(planned):
            raise IllegalMove(f"{who} has been told of this time already, so it stays kept for them.")
        hold = kept.appointment_id
        kept.delete()  # and its messages; else the time could not be offered to them again
        Appointment.objects.filter(pk=hold, status=Status.HELD).update(status=Status.EXPIRED)
