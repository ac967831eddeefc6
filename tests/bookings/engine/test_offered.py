"""D2: what is offered anywhere can be had a moment later, and a refusal says a true reason."""

from __future__ import annotations

import random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.desk import times as desk
from bookings.desk.gaps import gaps_on
from bookings.engine import booking
from bookings.engine.availability.free_times import free_slots
from bookings.engine.availability.nearest import near_each, nearest_slots, next_slots
from bookings.engine.series import follow_ups
from bookings.visits.models.statuses import Status
from bookings.visits.policy import policy_for
from bookings.visits.refusals import Reason, Refusal
from bookings.waiting_list import answers
from bookings.waiting_list.models import WaitingEntry
from bookings.waiting_list.offers import offer_freed_times
from clinic.core import clock
from tests.bookings.engine.small_world import DAYS, NOW, build, moments, true_reasons, worlds
from tests.bookings.moments import details
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db
A_FEW = 4


def attempt(what, **how):
    """The refusal, if any; nothing of it stays."""
    with transaction.atomic():
        try:
            what(now=NOW, **how)
        except Refusal as refusal:
            return refusal
        finally:
            transaction.set_rollback(True)
    return None


def some(slots):
    return random.Random(len(slots)).sample(slots, min(A_FEW, len(slots)))


def by_staff(treatment, person, starts_at):
    how = {"treatment": treatment, "practitioner": person, "starts_at": starts_at}
    return attempt(booking.book, details=details(), by_staff=True, **how)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=worlds, wanted=moments)
def test_d2_what_is_offered_is_accepted(drawn, wanted):
    with transaction.atomic():
        world = build(drawn)
        people = {person.pk: person for person in world.people}
        for treatment in world.treatments:
            assert_offered_online(treatment, people, wanted)
            assert_offered_at_the_desk(treatment, people, wanted)
        assert_gaps(world)
        assert_follow_ups(world)
        assert_waiting_offers(world)
        transaction.set_rollback(True)


def assert_offered_online(treatment, people, wanted):
    whole = {"treatment": treatment, "now": NOW}
    offered = some(free_slots(first_day=DAYS[0], last_day=DAYS[1], **whole))
    offered += free_slots(first_day=DAYS[1], last_day=DAYS[1], **whole)[:1]
    offered += next_slots(**whole) + nearest_slots(starts_at=wanted, **whole)
    offered += near_each(targets=[wanted], **whole)[wanted]
    for slot in offered:
        one = {"treatment": treatment, "starts_at": slot.starts_at}
        assert attempt(booking.hold, practitioner=people[slot.practitioner_id], **one) is None
        assert attempt(booking.hold, practitioner=None, **one) is None


def assert_offered_at_the_desk(treatment, people, wanted):
    policy = policy_for(treatment).at_the_desk()
    for person in people.values():
        for slot in some(desk.times_on(treatment=treatment, day=DAYS[1], now=NOW, practitioner=person)):
            assert by_staff(treatment, person, slot.starts_at) is None
    for slot in nearest_slots(treatment=treatment, starts_at=wanted, now=NOW, policy=policy):
        assert by_staff(treatment, people[slot.practitioner_id], slot.starts_at) is None


def assert_gaps(world):
    for day in DAYS:
        found = gaps_on(day, [person.pk for person in world.people], now=NOW)
        for person in world.people:
            treatments = [row.treatment for row in person.offered.select_related("treatment")]
            for gap in found.get(person.pk, []):
                assert gap.starts_at >= NOW
                assert any(by_staff(treatment, person, gap.starts_at) is None for treatment in treatments)
                length = (gap.ends_at - gap.starts_at).total_seconds() / 60
                assert length >= min(treatment.duration_minutes for treatment in treatments)
        for treatment in world.treatments:  # and no time that the desk lists lies outside the gaps
            for slot in desk.times_on(treatment=treatment, day=day, now=NOW):
                gaps = found[slot.practitioner_id]
                assert any(gap.starts_at <= slot.starts_at and slot.ends_at <= gap.ends_at for gap in gaps)


def assert_follow_ups(world):
    first, second = world.treatments
    first.follow_up, first.follow_up_after_days = second, 3
    first.save()
    starts_at = clock.day_bounds(DAYS[0])[0].replace(hour=3)
    visit = AppointmentFactory(treatment=first, practitioner=world.people[0], starts_at=starts_at)
    busy = AppointmentFactory(
        patient=visit.patient, starts_at=clock.day_bounds(DAYS[1])[0].replace(hour=10), minutes=60
    )
    for slot in some(follow_ups.follow_up_slots(visit, NOW)):
        assert not (slot.starts_at < busy.ends_at and busy.starts_at < slot.ends_at)
        assert attempt(follow_ups.book_follow_up, visit=visit, starts_at=slot.starts_at) is None
    busy.delete()
    visit.delete()


def assert_waiting_offers(world):
    for treatment in world.treatments:
        WaitingEntry.objects.create(
            patient=PatientFactory(),
            treatment=treatment,
            first_day=DAYS[0],
            last_day=DAYS[1],
            weekdays=[1, 2, 7],
            parts=["morning", "afternoon", "evening"],
            created_at=NOW,
        )
    for offer in offer_freed_times(NOW):
        assert answers.take(offer, NOW).status == Status.BOOKED


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=worlds, asked=st.lists(moments, min_size=4, max_size=4))
def test_d2_a_refusal_says_a_true_reason_and_nothing_free_is_refused(drawn, asked):
    with transaction.atomic():
        world = build(drawn)
        for starts_at in asked:
            for person in world.people:
                for treatment in world.treatments:
                    assert_judged(world, treatment, person, starts_at)
        transaction.set_rollback(True)


def assert_judged(world, treatment, person, starts_at):
    refusal = attempt(booking.hold, treatment=treatment, practitioner=person, starts_at=starts_at)
    reasons = true_reasons(world, treatment, person, starts_at)
    if refusal is None:
        assert not reasons
    elif reasons:
        assert refusal.reason in reasons
        assert str(refusal) == refusal.reason.label
    else:
        assert refusal.reason == Reason.LEAVES_UNSELLABLE_GAP
        assert policy_for(treatment).avoids_short_gaps

    refusal, reasons = (
        by_staff(treatment, person, starts_at),
        true_reasons(world, treatment, person, starts_at, by_staff=True),
    )
    assert (refusal.reason in reasons) if refusal else not reasons
