"""Join and leave the waiting list. `offers` offers freed times, `answers` and `lapsing` say what becomes of them.

An offered time is a hold like any other, so it can be offered to nobody else; taking an offer is confirming its hold.
Locks, always in this order: the visitor who is counted, the diary, the entry, then what a booking locks.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from bookings.engine.booking_window import check_bookable
from bookings.engine.consultations import may_start
from bookings.engine.eligibility import (
    PatientDetails,
    check_age,
    check_patient,
    find_or_add_patient,
    keep_typed,
    records_of,
)
from bookings.engine.transactions import in_transaction
from bookings.messages.models import Message
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.policy import policy_for
from bookings.visits.refusals import NotBookable
from bookings.visits.slot import Slot
from bookings.visits.visitors import Visitor, check_may_wait, lock_visitor, note_place
from bookings.waiting_list.answers import give_up_open_offers
from bookings.waiting_list.models import Offer, WaitingEntry
from bookings.waiting_list.times_on_sale import free_and_suiting, on_sale, starts_that_suit
from bookings.waiting_list.wishes import Wishes, wishes_of
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.sealing.secret_links import LinkQuerySet
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner

State = WaitingEntry.State
LINK_EVERY, MOST_LINKS_A_DAY = timedelta(minutes=5), 3


def join(
    *,
    treatment: Treatment,
    details: PatientDetails,
    practitioners: list[Practitioner],
    first_day: date,
    last_day: date,
    weekdays: list[int],
    parts: list[str],
    now: datetime,
    opened: Container[str] = (),
    visitor: Visitor | None = None,
) -> WaitingEntry:
    """Wait for a time of `treatment` that suits; who waits for it already has the wishes replaced, not the place.

    The wishes of someone's entry change only for who has proved to be them, or has opened the entry: `opened` holds
    the references of those. For anyone else it is given as it stands.
    `first_day` and `last_day` are local days, cut to those that can be booked. No practitioner named: anyone.

    Raises:
        TooYoung: on the day of joining or on the first day (an under-18 may not even wait: to
            make arrangements is an offence, Botulinum Toxin and Cosmetic Fillers (Children) Act 2021 s. 1).
        NotBookable: not booked online, or no such day left.
        TooManyKept: this `visitor` waits for as much as may be.
        And what `eligibility.check_patient` raises.
    """
    policy, today = policy_for(treatment), clock.today(now)
    first_day, last_day = max(first_day, today), min(last_day, clock.today(now + policy.horizon))
    check_age(treatment=treatment, date_of_birth=details.date_of_birth, visit_day=first_day, now=now)
    check_bookable(treatment)
    if last_day < first_day:
        raise NotBookable("These days have passed or are too far ahead. Please choose others.")

    def work() -> WaitingEntry:
        _lock_entry(details, treatment, visitor)
        patient, is_unproven = find_or_add_patient(details)
        starts, ends = clock.day_bounds(first_day)[0], clock.day_bounds(last_day)[1]
        wished = Appointment(treatment=treatment, during=span(starts, ends), is_unproven=is_unproven)
        check_patient(patient, wished, now, policy, until=ends)
        wishes = {"first_day": first_day, "last_day": last_day, "weekdays": weekdays, "parts": parts}
        its = {"patient": patient, "treatment": treatment, "state": State.WAITING}
        entry = WaitingEntry.objects.filter(**its).first()
        if entry is None:
            entry = WaitingEntry(**its, **wishes, created_at=now)
            keep_typed(entry, patient, details, is_unproven=is_unproven)
            _add(entry, details, visitor)
        elif is_unproven and entry.reference not in opened:
            plan_link(entry, now)  # it goes to the address we know
            return entry
        elif not is_unproven:
            keep_typed(entry, patient, details, is_unproven=False)
        for name, value in {**wishes, "note": details.note}.items():
            setattr(entry, name, value)
        entry.practitioners.set(practitioners)
        wanted = wishes_of(entry)
        entry.known_times = starts_that_suit(on_sale(treatment, [wanted], now, policy), wanted)
        entry.save()
        plan_link(entry, now)
        return entry

    return in_transaction(work, alternatives=list)


def free_instead(
    *,
    treatment: Treatment,
    practitioners: list[Practitioner],
    first_day: date,
    last_day: date,
    weekdays: list[int],
    parts: list[str],
    now: datetime,
) -> list[Slot]:
    """What suits these wishes and anyone can book now, by start: nobody need wait for it."""
    wishes = Wishes(
        practitioners=frozenset(one.pk for one in practitioners),
        first_day=first_day,
        last_day=min(last_day, clock.today(now + policy_for(treatment).horizon)),
        weekdays=weekdays,
        parts=parts,
    )
    return free_and_suiting(treatment, wishes, now) if treatment.is_offered_online else []


def free_for(entry: WaitingEntry, now: datetime) -> list[Slot]:
    """What suits someone who waits, and they could book now, by start."""
    if not entry.treatment.is_offered_online:
        return []
    policy = policy_for(entry.treatment)
    may = may_start(entry.patient, entry.treatment, policy)
    return [slot for slot in free_and_suiting(entry.treatment, wishes_of(entry), now, policy) if may(slot)]


def plan_link(entry: WaitingEntry, now: datetime) -> Message | None:
    """Send the person the link of their entry, at the address we know; nothing if it was sent a moment ago.

    Anyone may type in anyone's address, so one address gets few of these a day, under whatever names.
    """
    patient = entry.patient
    since = now - timedelta(days=1)
    sent = Message.objects.filter(kind=Message.Kind.WAITING, recipient__iexact=patient.email, due_at__gt=since)
    if not patient.email or sent.count() >= MOST_LINKS_A_DAY:
        return None
    window = int(now.timestamp() // LINK_EVERY.total_seconds())
    message, is_new = Message.objects.get_or_create(
        key=f"waiting:{entry.pk}:{window}:email",
        defaults={
            "kind": Message.Kind.WAITING,
            "channel": Message.Channel.EMAIL,
            "entry": entry,
            "patient": patient,
            "recipient": patient.email,
            "due_at": now,
            "expires_at": max(clock.day_bounds(entry.last_day)[1], now + timedelta(hours=1)),
        },
    )
    return message if is_new else None


def leave(entry: WaitingEntry, now: datetime) -> bool:
    """Leave the list; an open offer is given up. Idempotent. False if the person was off it by then, with a visit."""
    with transaction.atomic():
        WaitingEntry.objects.select_for_update().get(pk=entry.pk)
        give_up_open_offers(entry, now)
        WaitingEntry.objects.waiting().filter(pk=entry.pk).update(state=State.LEFT)
        return not WaitingEntry.objects.filter(pk=entry.pk, state=State.BOOKED).exists()


def someone_waits() -> bool:
    return WaitingEntry.objects.waiting().exists()


def _add(entry: WaitingEntry, details: PatientDetails, visitor: Visitor | None) -> None:
    """Put a new entry on the list, unless its visitor waits for as much as may be.

    Whoever has shown who they are is not kept out by what others typed as their address or number.
    """
    if visitor and details.proved:
        check_may_wait(visitor)
    elif visitor:
        check_may_wait(visitor, email=details.email, phone=details.phone)
    entry.save()
    if visitor:
        note_place(visitor, entry.pk, email=details.email, phone=details.phone)


def _lock_entry(details: PatientDetails, treatment: Treatment, visitor: Visitor | None) -> None:
    """The entry before the patient, as `take` locks them."""
    if visitor:
        lock_visitor(visitor, email=details.email, phone=details.phone)
    patient = records_of(details)
    entries = WaitingEntry.objects.waiting().filter(patient__in=patient, treatment=treatment)
    list(entries.select_for_update(of=("self",)).values_list("pk"))


def waiting_of(patients: Collection[int]) -> Iterable[WaitingEntry]:
    """Entries of these records that still wait, the first to be made first."""
    waiting = WaitingEntry.objects.waiting().filter(patient__in=patients)
    shown = waiting.only("reference", "first_day", "last_day", "treatment__name", "patient__full_name")
    return shown.select_related("treatment", "patient").order_by("created_at", "pk")


def links_of(patient: Patient) -> Iterable[LinkQuerySet[Any]]:
    """Entries and offers whose links are of use still."""
    yield WaitingEntry.objects.waiting().filter(patient=patient)
    yield Offer.objects.filter(entry__patient=patient, state=Offer.State.OPEN)
