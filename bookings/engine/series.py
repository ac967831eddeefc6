"""Visits that belong together: a course booked at once, all or none, and the review that follows a visit."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bookings.engine.alternatives import Instead
from bookings.engine.availability.free_times import free_slots, near_each
from bookings.engine.booking import book, give_to
from bookings.engine.booking_window import check_bookable, check_time
from bookings.engine.consultations import may_start
from bookings.engine.eligibility import PatientDetails, check_age, details_of
from bookings.engine.idempotency import Idempotency, answer_to, own_key, remember
from bookings.engine.placement import at_its_price, choose_slot, lock_diaries, place
from bookings.engine.transactions import in_transaction
from bookings.messages.planning import staff_notices, visit_messages
from bookings.visits.models import Appointment
from bookings.visits.policy import policy_for
from bookings.visits.refusals import NotBookable, Reason, SlotTaken
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner

MOST_VISITS = 12
EARLIER, LATER = timedelta(days=3), timedelta(days=10)  # how far from its day a follow-up is offered


@dataclass(frozen=True, slots=True)
class Suggestion:
    """When visit `number` of a course is due, and a free time on each day around it."""

    number: int
    due_at: datetime
    slots: list[Slot]

    @property
    def nearest(self) -> Slot | None:
        return min(self.slots, key=lambda slot: abs(slot.starts_at - self.due_at), default=None)


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
    """Book a visit at each of `starts`, all or none; with no practitioner named, the same one where she is free.

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
        visit_messages.write([] if by_staff else staff_notices.of_course(visits, now))
        if idempotency:
            remember(idempotency, visits[0], now)
        return visits

    try:
        return in_transaction(work, alternatives=list)
    except SlotTaken as taken:
        instead = Instead(treatment=treatment, practitioner=practitioner, starts_at=at, now=now, by_staff=by_staff)
        refusal = SlotTaken(instead.alternatives(), reason=taken.reason or instead.why() or Reason.TAKEN)
        refusal.starts_at = at
        raise refusal from taken


def suggest_course(first: Appointment, now: datetime) -> list[Suggestion]:
    """Times for each further visit of the course that `first` begins, with the same practitioner, at its interval."""
    treatment, policy = first.treatment, policy_for(first.treatment)
    step = timedelta(days=treatment.course_interval_days)
    targets = [_days_later(first.starts_at, step * number) for number in range(1, treatment.course_visits)]
    within = [target for target in targets if now < target < now + policy.horizon]
    if not within:
        return []
    found = near_each(
        treatment=treatment,
        targets=within,
        now=now,
        practitioner=first.practitioner,
        patient=first.patient,
        reach=min(timedelta(days=7), step / 2),
        policy=policy,
    )
    may = may_start(first.patient, treatment, policy)
    return [Suggestion(targets.index(target) + 2, target, list(filter(may, found[target]))) for target in within]


def book_course(first: Appointment, starts: list[datetime], now: datetime) -> list[Appointment]:
    """Book the rest of the course that `first` begins, for its patient. Once booked, the same visits are given again.

    Raises:
        NotBookable: the visit has no patient or is off. And what `book_series` raises.
    """
    if first.patient is None or not first.leads_on:
        raise NotBookable("There is no course to book for this visit.")
    once = _once(first, first.treatment)
    if already := course_of(first):
        return already
    return book_series(
        treatment=first.treatment,
        practitioner=first.practitioner,
        starts=starts,
        details=details_of(first.patient, is_proved=not first.is_unproven),
        now=now,
        follows=first,
        idempotency=once,
    )


def course_of(first: Appointment) -> list[Appointment]:
    """The further visits that were booked as one course with `first`, by time."""
    return list(first.follow_ups.standing().filter(treatment=first.treatment_id).order_by("during"))


def follow_up_slots(visit: Appointment, now: datetime) -> list[Slot]:
    """Free times with the same practitioner around the day on which the visit's follow-up is due, by start."""
    treatment = visit.treatment.follow_up
    if treatment is None:
        return []
    first_day = max(clock.today(now), follow_up_from(visit))
    policy = policy_for(treatment)
    slots = free_slots(
        treatment=treatment,
        policy=policy,
        first_day=first_day,
        last_day=first_day + EARLIER + LATER,
        now=now,
        practitioner=visit.practitioner,
        patient=visit.patient,
    )
    return list(filter(may_start(visit.patient, treatment, policy), slots))


def follow_up_from(visit: Appointment) -> date:
    """The first local day on which its follow-up is offered: a little before it is due."""
    return clock.today(visit.starts_at) + timedelta(days=visit.treatment.follow_up_after_days) - EARLIER


def book_follow_up(
    *, visit: Appointment, starts_at: datetime, now: datetime, practitioner: Practitioner | None = None
) -> Appointment:
    """Book the follow-up of `visit` for its patient. Once booked, the same visit is given again.

    Raises:
        NotBookable: nothing follows this treatment, or the visit has no patient or is off. And what `booking.book` raises.
    """
    treatment, patient = visit.treatment.follow_up, visit.patient
    if treatment is None or patient is None or not visit.leads_on:
        raise NotBookable("There is no follow-up to book for this visit.")
    once = _once(visit, treatment)
    if already := follow_up_of(visit):
        return already
    return book(
        treatment=treatment,
        practitioner=practitioner or visit.practitioner,
        starts_at=starts_at,
        details=details_of(patient, is_proved=not visit.is_unproven),
        now=now,
        follows=visit,
        idempotency=once,
    )


def follow_up_of(visit: Appointment) -> Appointment | None:
    """The follow-up that is booked already, if any."""
    return visit.follow_ups.standing().with_details().filter(treatment=visit.treatment.follow_up_id).first()


def _once(visit: Appointment, treatment: Treatment) -> Idempotency:
    """Two tabs that book what follows a visit at once book it once; after a cancellation it can be booked again.

    Ask for it before looking whether it is booked: whoever saw nothing booked then has the key of the first.
    """
    former = visit.follow_ups.filter(treatment=treatment).count()
    return Idempotency(own_key("after-visit", f"{visit.pk}:{treatment.pk}:{former}"), b"")


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


def _days_later(moment: datetime, days: timedelta) -> datetime:
    """The same time on the clinic's wall clock, some days later."""
    local = clock.local(moment).replace(tzinfo=None) + days
    return local.replace(tzinfo=clock.LONDON)
