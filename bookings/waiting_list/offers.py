"""Times that came free, offered to those who wait: to the longest waiting first, whatever for, each the soonest that suits.

A sweep asks once for each treatment that someone waits for, whatever freed the time: a cancellation, a move, added
hours. What anyone could book when the wish was made, and ever since, stays on sale (`times_on_sale`). Two sweeps at
once do no harm: the diary is locked, an offered time is a hold under the exclusion constraint, an entry has one open
offer, and (entry, practitioner, start) is unique.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from bookings.engine.availability.free_times import free_slots
from bookings.engine.consultations import may_start
from bookings.messages.planning.due_times import is_quiet, next_morning
from bookings.visits.access import limited
from bookings.visits.models import BookingSettings
from bookings.visits.policy import Policy, policy_for
from bookings.visits.refusals import PatientBusy, SlotTaken
from bookings.visits.slot import Slot
from bookings.waiting_list.entries import someone_waits
from bookings.waiting_list.lapsing import lapse
from bookings.waiting_list.models import Offer, WaitingEntry
from bookings.waiting_list.offering import Answering, hold_for
from bookings.waiting_list.times_on_sale import forget_what_was_taken
from bookings.waiting_list.wishes import wishes_of
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError

BEFORE_VISIT = timedelta(hours=1)  # an offer ends this long before the visit, or as long as the notice if longer
MOST_AT_AN_ADDRESS = 2  # open offers; a family may share one


def sweep(now: datetime, *, by_staff: bool = False) -> list[Offer]:
    """Close what is over and offer what came free. One cheap statement while nobody waits.

    Args:
        by_staff: offer too what has been on sale all along: staff may take a time off sale for someone, visitors not.
    """
    if not someone_waits():
        return []
    lapse(now)
    forget_what_was_taken(now)
    return offer_freed_times(now, by_staff=by_staff)


def offer_freed_times(now: datetime, *, by_staff: bool = False) -> list[Offer]:
    """Offer free times to those who wait and have no open offer; gives the offers made."""
    has_open = Exists(Offer.objects.filter(entry=OuterRef("pk"), state=Offer.State.OPEN))
    waiting = (
        WaitingEntry.objects.waiting()
        .filter(~has_open, ~Exists(limited(patient=OuterRef("patient"))), last_day__gte=clock.today(now))
        .select_related("treatment", "patient")
        .prefetch_related("practitioners", "offers")
        .order_by("created_at", "pk")
    )
    by_treatment: defaultdict[Treatment, list[WaitingEntry]] = defaultdict(list)
    for entry in waiting:
        if entry.treatment.is_offered_online:
            by_treatment[entry.treatment].append(entry)
    if not by_treatment:
        return []
    settings = BookingSettings.load()
    free = {treatment: _free_times(treatment, entries, settings, now) for treatment, entries in by_treatment.items()}
    open_at, made = _open_at_each_address(), list[Offer]()
    for entry in waiting:
        address = _address(entry.patient.email, entry.patient_id)
        if entry.treatment not in free or open_at[address] >= MOST_AT_AN_ADDRESS:
            continue
        if offer := _offer_one_of(free[entry.treatment], entry, now, by_staff=by_staff):
            made.append(offer)
            open_at[address] += 1
    return made


def _open_at_each_address() -> Counter[str]:
    opened = Offer.objects.filter(state=Offer.State.OPEN).values_list("entry__patient__email", "entry__patient")
    return Counter(_address(email, patient) for email, patient in opened)


def _address(email: str, patient: int) -> str:
    """What stands for one reader: the address, or the patient who has none."""
    return email.lower() or f"patient {patient}"


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """What one treatment's sweep found; a time that is offered, or that nobody can have any more, leaves `slots`."""

    slots: list[Slot]
    answering: Answering
    policy: Policy


def _free_times(
    treatment: Treatment, entries: list[WaitingEntry], settings: BookingSettings, now: datetime
) -> FreeTimes:
    policy = policy_for(treatment, settings)
    slots = free_slots(
        treatment=treatment,
        policy=policy,
        first_day=max(clock.today(now), min(entry.first_day for entry in entries)),
        last_day=max(entry.last_day for entry in entries),
        now=now,
    )
    answering = Answering(
        begins=next_morning(now) if is_quiet(now) else now,
        most=timedelta(minutes=settings.offer_minutes),
        before_visit=max(policy.minimum_notice, BEFORE_VISIT),
    )
    return FreeTimes([slot for slot in slots if answering.until(slot)], answering, policy)


def _offer_one_of(free: FreeTimes, entry: WaitingEntry, now: datetime, *, by_staff: bool) -> Offer | None:
    """The soonest that suits and can still be held."""
    for slot in _suiting(entry, free, by_staff=by_staff):
        try:
            offer = hold_for(entry, slot, now, policy=free.policy, answering=free.answering)
        except SlotTaken:
            free.slots.remove(slot)
        except PatientBusy:
            continue  # the time stays free for whoever waits next
        except DomainError:
            return None  # this person cannot have such a visit just now
        else:
            if offer:
                free.slots.remove(slot)
            return offer
    return None


def _suiting(entry: WaitingEntry, free: FreeTimes, *, by_staff: bool) -> list[Slot]:
    wishes, known = wishes_of(entry), frozenset[datetime]() if by_staff else frozenset(entry.known_times)
    offered = {(offer.practitioner_id, offer.starts_at) for offer in entry.offers.all()}
    found = [
        slot
        for slot in free.slots
        if wishes.suit(slot) and slot.starts_at not in known and (slot.practitioner_id, slot.starts_at) not in offered
    ]
    if not found:
        return []
    may = may_start(entry.patient, entry.treatment, free.policy)  # a later time may, where the soonest is too soon
    return list(filter(may, found))
