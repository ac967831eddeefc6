"""Hold, confirm, book: the only ways a coming visit comes to be. `changes` moves, cancels and restores it.

Why two people cannot both win: each of these takes the lock of the practitioner's diary before it looks (`transactions`),
looks with one statement (`availability`), and writes; were any of that wrong, the exclusion constraints of
`Appointment` refuse the second row. The loser is told what else is free.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bookings.engine.booking_window import check_bookable, check_time
from bookings.engine.eligibility import (
    DeskDetails,
    PatientDetails,
    check_age,
    check_age_said,
    check_patient,
    find_or_add_patient,
    keep_typed,
)
from bookings.engine.idempotency import Idempotency, answer_to, lock_key, point, remember
from bookings.engine.locks import lock_diaries
from bookings.engine.placement import at_its_price, choose_slot, look_first, place, release
from bookings.engine.slot_query import SlotQuery
from bookings.engine.transactions import in_transaction, lock_practitioners
from bookings.integrations import webhooks
from bookings.integrations.models import WebhookEndpoint
from bookings.messages.planning import invitations, visit_messages
from bookings.visits.models import Appointment, IdempotencyKey
from bookings.visits.models.statuses import Status
from bookings.visits.policy import Policy, policy_for
from bookings.visits.refusals import BirthdayNeeded, NotBookable, Reason
from bookings.visits.visitors import Visitor, lock_visitor, make_room_for_hold, note_hold
from clinic.accounts.models import User
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
    visitor: Visitor | None = None,
) -> Appointment:
    """Keep a time while its visitor fills in the details; gives up `instead_of`, and what `claim` stood for until now.

    The same claim at once, with the same digest, is the same hold.

    Raises:
        SlotTaken: with the three nearest times.
        NotBookable: not offered online, too soon, or too far ahead.
        TooManyKept: from the address of this `visitor` as many times are kept as may be.
    """
    policy = policy_for(treatment)
    check_bookable(treatment)
    check_time(policy, starts_at, now)

    def work() -> Appointment:
        former = lock_key(claim) if claim else None
        if visitor:
            lock_visitor(visitor)
        lock_diaries(treatment, practitioner)
        if claim and former and (held := _held_by(claim, former, now)):
            return held
        given_up = {former and former.appointment_id, instead_of and instead_of.pk}
        Appointment.objects.filter(pk__in=given_up - {None}, status=Status.HELD).update(status=Status.EXPIRED)
        if visitor:
            make_room_for_hold(visitor, now)
        slot = choose_slot(treatment, practitioner, starts_at, now, policy=policy)
        held = at_its_price(treatment, status=Status.HELD)
        held.hold_expires_at = now + policy.hold
        place(held, slot, now)
        held.save(force_insert=True)
        if visitor:
            note_hold(visitor, held)
        if claim:
            point(claim, held, now)
        return held

    instead = SlotQuery(treatment=treatment, practitioner=practitioner, starts_at=starts_at, now=now, policy=policy)
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

    anyone = SlotQuery(treatment=hold.treatment, practitioner=None, starts_at=hold.starts_at, now=now, policy=policy)
    the_same = replace(anyone, practitioner=hold.practitioner, ignoring=hold)
    return in_transaction(work, alternatives=anyone.alternatives, why=the_same.why)


def book(
    *,
    treatment: Treatment,
    practitioner: Practitioner | None,
    starts_at: datetime,
    details: DeskDetails,
    now: datetime,
    source: str = Appointment.Source.ONLINE,
    by_staff: bool = False,
    follows: Appointment | None = None,
    idempotency: Idempotency | None = None,
    age_said_to: User | None = None,
) -> Appointment:
    """Book a visit in one step. Staff may book at any hour, but never two visits at once.

    At the desk, and there alone, a birthday may be asked later: `age_said_to` is who heard the patient say that they
    are old enough.

    Raises:
        SlotTaken: with the three nearest times. NotBookable: not offered online, too soon, too far ahead.
        PatientBusy: has another visit then. TooYoung. BirthdayNeeded. TooManyVisits. NeedsConsultation.
        KeyReused: the idempotency key stands for another request.
    """
    if idempotency and (answered := answer_to(idempotency)):
        return answered
    policy = policy_for(treatment)
    if not by_staff:
        check_bookable(treatment)
        check_time(policy, starts_at, now)
    at_the_desk = by_staff and source == Appointment.Source.DESK
    age_said = _check_age(treatment, details, starts_at, now, said_to=age_said_to, at_the_desk=at_the_desk)

    def work() -> Appointment:
        lock_diaries(treatment, practitioner)
        if idempotency and (answered := answer_to(idempotency)):
            return answered
        slot = choose_slot(treatment, practitioner, starts_at, now, policy=policy, by_staff=by_staff)
        appointment = at_its_price(treatment, source=source, follows=follows, **age_said)
        if source == Appointment.Source.IMPORT and starts_at <= now:
            appointment.price, appointment.price_is_from = None, False  # what was agreed then is not known here
        place(appointment, slot, now)
        give_to(appointment, details, now, policy, by_staff=by_staff)
        if idempotency:
            remember(idempotency, appointment, now)
        return appointment

    may_be_a_repeat = idempotency is not None  # to be answered as before, not refused
    instead = SlotQuery(
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


def _check_age(
    treatment: Treatment,
    details: DeskDetails,
    starts_at: datetime,
    now: datetime,
    *,
    said_to: User | None,
    at_the_desk: bool,
) -> dict[str, Any]:
    """Judge the birthday, or at the desk the patient's word in place of it; what the visit keeps of the latter."""
    if details.date_of_birth is not None:
        day = clock.today(starts_at)
        check_age(treatment=treatment, date_of_birth=details.date_of_birth, visit_day=day, now=now)
        return {}
    if not at_the_desk:
        raise BirthdayNeeded("This needs a date of birth first.")
    return check_age_said(treatment=treatment, to=said_to, now=now)


def release_dead_holds(now: datetime) -> int:
    """Let go of every hold that ran out; they block nobody meanwhile. Gives how many there were."""
    return release(Appointment.objects.dead_holds(now))


def give_to(
    appointment: Appointment, details: DeskDetails, now: datetime, policy: Policy, *, by_staff: bool = False
) -> Appointment:
    """Make a placed time the visit of this person, and plan what is told of it; for use under the diary's lock."""
    patient, is_unproven = find_or_add_patient(details, by_staff=by_staff)
    keep_typed(appointment, patient, details, is_unproven=is_unproven)
    if details.marketing_opt_in and not is_unproven:
        invitations.opt_in(patient, now)
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
