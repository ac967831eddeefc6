"""Hold, confirm, book, move, cancel, restore: the only ways a visit comes to be or changes its time.

Why two people cannot both win: each of these takes the lock of the practitioner's diary before it looks (`transactions`),
looks with one statement (`availability`), and writes; were any of that wrong, the exclusion constraints of
`Appointment` refuse the second row. The loser is told what else is free.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bookings.engine.alternatives import Instead, again_at
from bookings.engine.booking_window import check_bookable, check_change_window, check_not_begun, check_time
from bookings.engine.consultations import check_consultation, is_consulted
from bookings.engine.eligibility import PatientDetails, check_age, check_patient, find_or_add_patient, keep_typed
from bookings.engine.idempotency import Idempotency, answer_to, lock_key, point, remember
from bookings.engine.placement import (
    at_its_price,
    check_version,
    choose_slot,
    lock_diaries,
    lock_visit,
    look_first,
    place,
    release,
    slot_of,
    was_done_from_that_page,
)
from bookings.engine.transactions import in_transaction, lock_practitioners
from bookings.integrations import webhooks
from bookings.integrations.models import WebhookEndpoint
from bookings.messages.planning import aftercare, visit_messages
from bookings.visits.models import Appointment, IdempotencyKey
from bookings.visits.models.appointment import UPCOMING, Status
from bookings.visits.policy import Policy, changes_until, policy_for
from bookings.visits.refusals import IllegalMove, NotBookable, Reason
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner

Event = WebhookEndpoint.Event


def hold(
    *,
    treatment: Treatment,
    practitioner: Practitioner | None,
    starts_at: datetime,
    now: datetime,
    instead_of: Appointment | None = None,
    claim: Idempotency | None = None,
) -> Appointment:
    """Keep a time while its visitor fills in the details; gives up `instead_of`, and what `claim` stood for until now.

    The same claim at once, with the same digest, is the same hold.

    Raises:
        SlotTaken: with the three nearest times.
        NotBookable: not offered online, too soon, or too far ahead.
    """
    policy = policy_for(treatment)
    check_bookable(treatment)
    check_time(policy, starts_at, now)

    def work() -> Appointment:
        former = lock_key(claim) if claim else None
        lock_diaries(treatment, practitioner)
        if claim and former and (held := _held_by(claim, former, now)):
            return held
        given_up = {former and former.appointment_id, instead_of and instead_of.pk}
        Appointment.objects.filter(pk__in=given_up - {None}, status=Status.HELD).update(status=Status.EXPIRED)
        slot = choose_slot(treatment, practitioner, starts_at, now, policy=policy)
        held = at_its_price(treatment, status=Status.HELD)
        held.hold_expires_at = now + policy.hold
        place(held, slot, now)
        held.save(force_insert=True)
        if claim:
            point(claim, held, now)
        return held

    instead = Instead(treatment=treatment, practitioner=practitioner, starts_at=starts_at, now=now, policy=policy)
    return in_transaction(
        work,
        alternatives=instead.alternatives,
        why=instead.why,
        before=lambda: look_first(practitioner, starts_at, now, ignoring=instead_of),
    )


def _held_by(claim: Idempotency, former: IdempotencyKey, now: datetime) -> Appointment | None:
    """The live hold that the very same request has made a moment ago."""
    if not claim.body_digest or bytes(former.body_digest) != claim.body_digest:
        return None
    live = Appointment.objects.filter(status=Status.HELD, hold_expires_at__gt=now)
    return live.with_details().filter(pk=former.appointment_id).first()


def renew(*, hold: Appointment, now: datetime) -> None:
    """Keep a held time for another full while. A hold that ran out is let go: `hold` again asks whether it is free."""
    Appointment.objects.dead_holds(now).filter(pk=hold.pk).update(status=Status.EXPIRED)
    hold.hold_expires_at = now + policy_for(hold.treatment).hold
    Appointment.objects.filter(pk=hold.pk, status=Status.HELD).update(hold_expires_at=hold.hold_expires_at)


def confirm(
    *, hold: Appointment, details: PatientDetails, now: datetime, idempotency: Idempotency | None = None
) -> Appointment:
    """Turn a hold into a visit. Twice gives the same visit; a hold that ran out books if the time is still free.

    Raises:
        SlotTaken: the hold ran out and someone else has the time; with the three nearest.
        NotBookable: the time has passed; or the hold ran out and the treatment is not offered online any more.
        PatientBusy, TooYoung, TooManyVisits, NeedsConsultation: as for `book`.
        KeyReused: it is a visit already, made with other details than `idempotency` stands for.
    """
    policy = policy_for(hold.treatment)
    visit_day = clock.today(hold.starts_at)
    check_age(treatment=hold.treatment, date_of_birth=details.date_of_birth, visit_day=visit_day, now=now)

    def work() -> Appointment:
        lock_practitioners([hold.practitioner_id])
        appointment = Appointment.objects.with_details().select_for_update(of=("self",)).get(pk=hold.pk)
        if appointment.patient_id:
            return (answer_to(idempotency) if idempotency else None) or appointment
        if appointment.starts_at < now:
            raise NotBookable(Reason.PAST)
        if appointment.status == Status.EXPIRED or (appointment.hold_expires_at or now) <= now:
            treatment, practitioner = appointment.treatment, appointment.practitioner
            check_bookable(treatment)
            place(appointment, choose_slot(treatment, practitioner, appointment.starts_at, now, policy=policy), now)
        if idempotency:
            remember(idempotency, appointment, now)
        return give_to(appointment, details, now, policy)

    anyone = Instead(treatment=hold.treatment, practitioner=None, starts_at=hold.starts_at, now=now, policy=policy)
    the_same = replace(anyone, practitioner=hold.practitioner, ignoring=hold)
    return in_transaction(work, alternatives=anyone.alternatives, why=the_same.why)


def book(
    *,
    treatment: Treatment,
    practitioner: Practitioner | None,
    starts_at: datetime,
    details: PatientDetails,
    now: datetime,
    source: str = Appointment.Source.ONLINE,
    by_staff: bool = False,
    follows: Appointment | None = None,
    idempotency: Idempotency | None = None,
) -> Appointment:
    """Book a visit in one step. Staff may book at any hour, but never two visits at once.

    Raises:
        SlotTaken: with the three nearest times. NotBookable: not offered online, too soon, too far ahead.
        PatientBusy: has another visit then. TooYoung. TooManyVisits. NeedsConsultation.
        KeyReused: the idempotency key stands for another request.
    """
    if idempotency and (answered := answer_to(idempotency)):
        return answered
    policy = policy_for(treatment)
    if not by_staff:
        check_bookable(treatment)
        check_time(policy, starts_at, now)
    visit_day = clock.today(starts_at)
    check_age(treatment=treatment, date_of_birth=details.date_of_birth, visit_day=visit_day, now=now)

    def work() -> Appointment:
        lock_diaries(treatment, practitioner)
        if idempotency and (answered := answer_to(idempotency)):
            return answered
        slot = choose_slot(treatment, practitioner, starts_at, now, policy=policy, by_staff=by_staff)
        appointment = at_its_price(treatment, source=source, follows=follows)
        if source == Appointment.Source.IMPORT and starts_at <= now:
            appointment.price, appointment.price_is_from = None, False  # what was agreed then is not known here
        place(appointment, slot, now)
        give_to(appointment, details, now, policy, by_staff=by_staff)
        if idempotency:
            remember(idempotency, appointment, now)
        return appointment

    may_be_a_repeat = idempotency is not None  # to be answered as before, not refused
    instead = Instead(
        treatment=treatment,
        practitioner=practitioner,
        starts_at=starts_at,
        now=now,
        policy=policy,
        by_staff=by_staff,
    )
    return in_transaction(
        work,
        alternatives=instead.alternatives,
        why=instead.why,
        before=lambda: look_first(practitioner, starts_at, now, skip=by_staff or may_be_a_repeat),
    )


def move(
    *,
    appointment: Appointment,
    starts_at: datetime,
    now: datetime,
    practitioner: Practitioner | None = None,
    by_staff: bool = False,
    version: int | None = None,
) -> Appointment:
    """Give a visit another time, and another practitioner if one is named. The same time again changes nothing.

    Raises:
        SlotTaken: with the three nearest times. TooLate: inside the window in which patients telephone to move.
        NotBookable: too soon or too far ahead. IllegalMove: not an upcoming visit. Stale: changed meanwhile.
        PatientBusy: has another visit then. NeedsConsultation: too soon after it, or too late.
    """
    treatment, to = appointment.treatment, practitioner or appointment.practitioner
    policy = policy_for(treatment)
    if not by_staff:
        check_time(policy, starts_at, now)

    def work() -> Appointment:
        lock_practitioners([appointment.practitioner_id, to.pk])
        visit = lock_visit(appointment, None)
        if visit.starts_at == starts_at and visit.practitioner_id == to.pk:
            return visit
        check_version(visit, version)
        if visit.status not in UPCOMING:
            raise IllegalMove("Only a coming visit can be moved.")
        if not by_staff:
            check_change_window(visit, now)
        slot = choose_slot(treatment, to, starts_at, now, policy=policy, by_staff=by_staff, ignoring=visit)
        # a visit that staff booked without a consultation may be put off by its patient, but not brought forward
        needs_consultation = not by_staff and (starts_at < visit.starts_at or is_consulted(visit, policy))
        place(visit, slot, now)
        if needs_consultation:
            check_consultation(visit, policy)
        visit.status, visit.version = Status.BOOKED, visit.version + 1
        visit.save()
        visit_messages.plan_moved(visit, now, by_staff=by_staff)
        webhooks.plan(visit, Event.MOVED, now)
        return visit

    instead = Instead(
        treatment=treatment,
        practitioner=to,
        starts_at=starts_at,
        now=now,
        policy=policy,
        ignoring=appointment,
        by_staff=by_staff,
    )
    return in_transaction(work, alternatives=instead.alternatives, why=instead.why)


def cancel(
    *, appointment: Appointment, now: datetime, by_staff: bool = False, version: int | None = None
) -> Appointment:
    """Cancel a visit and free its time; inside the change window it is marked as late. Twice is once.

    Raises:
        TooLate: it has begun, and staff alone may still. IllegalMove: it is over, or its patient is here and cancels.
        Stale: changed meanwhile.
    """

    def work() -> Appointment:
        lock_practitioners([appointment.practitioner_id])
        visit = lock_visit(appointment, None)
        if visit.status == Status.CANCELLED:
            return visit
        check_version(visit, version)
        if not visit.can_become(Status.CANCELLED) or (visit.status not in UPCOMING and not by_staff):
            raise IllegalMove("This visit can no longer be cancelled.")
        if not by_staff:
            check_not_begun(visit, now)
        visit.was_cancelled_late = now > changes_until(visit)
        visit.status, visit.cancelled_at, visit.version = Status.CANCELLED, now, visit.version + 1
        visit.save(update_fields=["status", "cancelled_at", "was_cancelled_late", "version"])
        visit_messages.plan_cancelled(visit, now, by_staff=by_staff)
        webhooks.plan(visit, Event.CANCELLED, now)
        return visit

    return in_transaction(work, alternatives=list)


def restore(*, appointment: Appointment, now: datetime, version: int | None = None) -> Appointment:
    """Undo a cancellation: the visit stands again at its time, if nobody has it meanwhile. Staff only. Twice is once.

    Raises:
        SlotTaken: the time, the room or the device is used again. PatientBusy: has another visit then.
        IllegalMove: it was not cancelled. Stale: changed meanwhile.
    """

    def work() -> Appointment:
        lock_practitioners([appointment.practitioner_id])
        visit = lock_visit(appointment, None)
        if visit.status in UPCOMING and was_done_from_that_page(visit, version):
            return visit
        check_version(visit, version)
        if visit.status in UPCOMING:
            return visit
        if visit.status != Status.CANCELLED:
            raise IllegalMove("Only a cancelled visit can be put back.")
        place(visit, slot_of(visit), now)
        visit.status, visit.cancelled_at, visit.version = Status.BOOKED, None, visit.version + 1
        visit.was_cancelled_late = False
        visit.save()
        visit_messages.plan_restored(visit, now)
        webhooks.plan(visit, Event.BOOKED, now)
        return visit

    return in_transaction(work, alternatives=list, why=again_at(appointment, now).why)


def release_dead_holds(now: datetime) -> int:
    """Let go of every hold that ran out; they block nobody meanwhile. Gives how many there were."""
    return release(Appointment.objects.dead_holds(now))


def give_to(
    appointment: Appointment, details: PatientDetails, now: datetime, policy: Policy, *, by_staff: bool = False
) -> Appointment:
    """Make a placed time the visit of this person, and plan what is told of it; for use under the diary's lock."""
    patient, is_unproven = find_or_add_patient(details, by_staff=by_staff)
    keep_typed(appointment, patient, details, is_unproven=is_unproven)
    if details.marketing_opt_in and not is_unproven:
        aftercare.opt_in(patient, now)
    if appointment.follows and appointment.follows.patient_id != patient.pk:
        appointment.follows = None  # what follows a visit is its own patient's; whoever opens that visit sees this one
    if not by_staff:
        check_patient(patient, appointment, now, policy)
    appointment.patient, appointment.note = patient, details.note
    appointment.status, appointment.hold_expires_at = Status.BOOKED, None
    appointment.save()
    # of visits booked together, staff are told at once, in `series`
    visit_messages.plan_booked(appointment, now, tells_staff=not by_staff and appointment.series is None)
    webhooks.plan(appointment, Event.BOOKED, now)
    return appointment
