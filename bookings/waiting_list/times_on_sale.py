"""Which times anyone can book meanwhile, of those that would suit someone who waits.

Only a time that comes free is kept for someone who waits. What is on sale already stays on sale: else whoever joins the
list could take a practitioner's time off sale. A time that another visitor just holds counts as on sale, since the
visitor may be the same person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from bookings.engine.availability.free_times import free_slots
from bookings.visits.policy import Policy, policy_for
from bookings.visits.slot import Slot
from bookings.waiting_list.models import WaitingEntry
from bookings.waiting_list.wishes import Wishes, wishes_of
from clinic.catalogue.models import Treatment
from clinic.core import clock


def free_and_suiting(treatment: Treatment, wishes: Wishes, now: datetime, policy: Policy | None = None) -> list[Slot]:
    """What could be booked at once instead of waiting, by start."""
    first_day = max(wishes.first_day, clock.today(now))
    if first_day > wishes.last_day:
        return []
    slots = free_slots(treatment=treatment, policy=policy, first_day=first_day, last_day=wishes.last_day, now=now)
    return [slot for slot in slots if wishes.suit(slot)]


def on_sale(treatment: Treatment, everyone: Iterable[Wishes], now: datetime, policy: Policy) -> list[Slot]:
    """What visitors can book, or just hold, in the days that any of these wishes name."""
    days = [(max(one.first_day, clock.today(now)), one.last_day) for one in everyone]
    return free_slots(
        treatment=treatment,
        policy=policy,
        first_day=min(first for first, _ in days),
        last_day=max(last for _, last in days),
        now=now,
        through_holds=True,
    )


def forget_what_was_taken(now: datetime) -> None:
    """Of the times that were on sale when a wish was made, keep those that still are: the others may come free."""
    entries = WaitingEntry.objects.waiting().exclude(known_times=[]).filter(last_day__gte=clock.today(now))
    by_treatment: defaultdict[Treatment, list[WaitingEntry]] = defaultdict(list)
    for entry in entries.select_related("treatment").prefetch_related("practitioners"):
        by_treatment[entry.treatment].append(entry)
    for treatment, waiting in by_treatment.items():
        slots = on_sale(treatment, map(wishes_of, waiting), now, policy_for(treatment))
        for entry in waiting:
            still = set(starts_that_suit(slots, wishes_of(entry)))
            kept = [at for at in entry.known_times if at in still]
            if kept != entry.known_times:
                WaitingEntry.objects.filter(pk=entry.pk, known_times=entry.known_times).update(known_times=kept)


def starts_that_suit(slots: Iterable[Slot], wishes: Wishes) -> list[datetime]:
    return sorted({slot.starts_at for slot in slots if wishes.suit(slot)})
