"""Several visits of one patient, booked at once: all or none."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from bookings.engine.booking import give_to
from bookings.engine.booking_window import check_bookable, check_time
from bookings.engine.eligibility import PatientDetails, check_age
from bookings.engine.idempotency import Idempotency, answer_to, remember
from bookings.engine.locks import lock_diaries
from bookings.engine.placement import at_its_price, choose_slot, place
from bookings.engine.slot_query import SlotQuery
from bookings.engine.transactions import in_transaction
from bookings.messages.planning import rows, staff_notices
from bookings.visits.models import Appointment
from bookings.visits.policy import policy_for
from bookings.visits.refusals import NotBookable, Reason, SlotTaken
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner

MOST_VISITS = 12


def book_series(
    *,
    treatment: Treatment,
    practitioner: Practitioner | None,
    starts: list[datetime],
    details: PatientDetails,
    now: datetime,
    source: str = Appointment.Source.ONLINE,
    by_staff: bool = False,
    follows: Appointment | None = None,
    idempotency: Idempotency | None = None,
) -> list[Appointment]:
    """Book a visit at each of `starts`, all or none; with no practitioner named, the same one where they are free.

    Raises:
        SlotTaken: `starts_at` says which time is gone, `alternatives` what is near it.
        NotBookable: no times, too many, or one that cannot be booked online. And what `booking.book` raises.
    """
    if answered := _before(idempotency):
        return answered
    starts = sorted(set(starts))
    _check_starts(treatment, starts, now, by_staff=by_staff)
    check_age(treatment=treatment, date_of_birth=details.date_of_birth, visit_day=clock.today(starts[0]), now=now)
    policy, series, at = policy_for(treatment), uuid.uuid4(), starts[0]

    def work() -> list[Appointment]:
        nonlocal at
        lock_diaries(treatment, practitioner)
        if answered := _before(idempotency):
            return answered
        visits: list[Appointment] = []
        for at in starts:  # every room and device before the patient: the order of all locks
            visit = at_its_price(treatment, source=source, series=series, follows=follows)
            place(visit, _slot(treatment, practitioner, at, now, visits, by_staff=by_staff), now)
            visits.append(visit)
        who = details
        for visit in visits:
            at = visit.starts_at
            give_to(visit, who, now, policy, by_staff=by_staff)
            who = _still(who, visit)
        rows.write([] if by_staff else staff_notices.of_course(visits, now))
        if idempotency:
            remember(idempotency, visits[0], now)
        return visits

    try:
        return in_transaction(work, alternatives=list)
    except SlotTaken as taken:
        instead = SlotQuery(treatment=treatment, practitioner=practitioner, starts_at=at, now=now, by_staff=by_staff)
        refusal = SlotTaken(instead.alternatives(), reason=taken.reason or instead.why() or Reason.TAKEN)
        refusal.starts_at = at
        raise refusal from taken


def _still(who: PatientDetails, visit: Appointment) -> PatientDetails:
    """The same person for the next visit: the first may have made their record, which proves that it is theirs."""
    is_unproven = visit.is_unproven or visit.patient_id is None
    return who if is_unproven else replace(who, proved=who.proved | {visit.patient_id or 0})


def _slot(
    treatment: Treatment,
    practitioner: Practitioner | None,
    at: datetime,
    now: datetime,
    placed: list[Appointment],
    *,
    by_staff: bool,
) -> Slot:
    if practitioner is None and placed:
        try:
            return choose_slot(treatment, placed[0].practitioner, at, now)
        except SlotTaken:
            pass
    return choose_slot(treatment, practitioner, at, now, by_staff=by_staff)


def _check_starts(treatment: Treatment, starts: list[datetime], now: datetime, *, by_staff: bool) -> None:
    if not 1 <= len(starts) <= MOST_VISITS:
        raise NotBookable(f"Choose between 1 and {MOST_VISITS} different times.")
    if by_staff:
        return
    check_bookable(treatment)
    policy = policy_for(treatment)
    for at in starts:
        check_time(policy, at, now)


def _before(idempotency: Idempotency | None) -> list[Appointment]:
    """What this request led to before, if it was here before."""
    first = answer_to(idempotency) if idempotency else None
    return list(Appointment.objects.with_details().filter(series=first.series).order_by("during")) if first else []
